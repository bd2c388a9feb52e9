// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { boxOf, partText, placeAt, shadesOf, summed, textOf } from "../../../pages/components/confusion/cells.js";

const PETS = [7, 3, 1, 9]; // of 10 cats 3 are called dog; of 10 dogs 1 is called cat

test("a cell shows a count, or a share in percent, and nothing for 0", () => {
  assert.deepEqual([textOf(1234), textOf(3, 0.3), textOf(0, 0), textOf(0)], ["1,234", "30", "", ""]);
});

test("right answers and mistakes are each shaded against the largest of them", () => {
  assert.deepEqual([...shadesOf([4, 2, 1, 8], 2)], [0.5, 1, 0.5, 1]);
  assert.deepEqual([...shadesOf([0, 0, 0, 8], 2)], [0, 0, 0, 1]);
});

test("rows, columns and the whole matrix have their sums", () => {
  const count = summed(PETS, 2);
  assert.deepEqual([count(0, 1), count(1, 0), count(0, -1), count(-1, 0), count(-1, -1)], [3, 1, 10, 8, 20]);
});

test("each part of the matrix is said in words", () => {
  assert.equal(partText("cat", "dog", 3, 0.3), "cat, called dog: 3 images, 30.0 %");
  assert.equal(partText("dog", "cat", 1), "dog, called cat: 1 image");
  assert.equal(partText("cat", undefined, 10), "cat, any answer: 10 images");
  assert.equal(partText(undefined, "cat", 8), "Any class, called cat: 8 images");
  assert.equal(partText(undefined, undefined, 20), "All: 20 images");
});

const GRID = { size: 3, cell: 10, side: 30, top: 20, scrollLeft: 0, scrollTop: 0 };

test("a point is in a cell, a row, a column, or beside the matrix", () => {
  assert.deepEqual(placeAt(GRID, 30, 20), { row: 1, column: 1 });
  assert.deepEqual(placeAt(GRID, 59.9, 29), { row: 1, column: 3 });
  assert.deepEqual(placeAt(GRID, 12, 45), { row: 3, column: 0 });
  assert.deepEqual(placeAt(GRID, 45, 5), { row: 0, column: 2 });
  assert.equal(placeAt(GRID, 60, 25), null);
  assert.equal(placeAt(GRID, 35, 50), null);
});

test("a scrolled matrix moves below its names", () => {
  const scrolled = { ...GRID, scrollLeft: 10, scrollTop: 20 };
  assert.deepEqual(placeAt(scrolled, 30, 20), { row: 3, column: 2 });
  assert.deepEqual(placeAt(scrolled, 5, 5), { row: 0, column: 0 });
  assert.deepEqual(boxOf(scrolled, { row: 3, column: 0 }, true), { left: 10, top: 40, width: 30, height: 10 });
});

test("the middle of each part's box is in that part", () => {
  for (let row = 0; row <= 3; row++) {
    for (let column = 0; column <= 3; column++) {
      const { left, top, width, height } = boxOf(GRID, { row, column }, true);
      assert.deepEqual(placeAt(GRID, left + width / 2, top + height / 2), { row, column });
    }
  }
});

test("a row reaches over all columns, and all is the whole matrix", () => {
  assert.deepEqual(boxOf(GRID, { row: 2, column: 0 }), { left: 30, top: 30, width: 30, height: 10 });
  assert.deepEqual(boxOf(GRID, { row: 0, column: 0 }), { left: 30, top: 20, width: 30, height: 30 });
});
