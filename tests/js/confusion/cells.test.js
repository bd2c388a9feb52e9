// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { partText, shadesOf, summed, textOf } from "../../../pages/components/confusion/cells.js";

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
