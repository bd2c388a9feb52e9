// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import * as mosaic from "../../../pages/components/maps/mosaic.js";

test("panes are in a nearly square arrangement with gaps", () => {
  const found = mosaic.arrange(5, 2, 3, 4, 1);
  assert.deepEqual([found.across, found.width, found.height], [3, 3 * 3 * 4 + 2, 2 * 2 * 4 + 1]);
});

test("a cell is as large as possible", () => {
  assert.equal(mosaic.cellFor(1, 10, 20, 105, 0, Math.floor), 5);
  assert.equal(mosaic.cellFor(1, 10, 20, 105, 0), 5);
  assert.equal(mosaic.cellFor(1, 100, 100, 50, 0, Math.floor), 1);
  assert.equal(mosaic.cellFor(1, 62, 62, 84, 0), 2); // 62 would be less than three quarters of 84
  assert.equal(mosaic.cellFor(1, 64, 64, 84, 0), 1);
  assert.equal(mosaic.cellFor(4, 3, 3, 62, 2, Math.floor), 10);
});

test("a point is mapped to the cell that contains it", () => {
  const found = mosaic.arrange(4, 2, 3, 5, 2);
  for (let pane = 0; pane < 4; pane++) {
    const { x, y } = mosaic.corner(found, pane, 1, 2);
    assert.deepEqual(mosaic.cellAt(found, x + 4.9, y + 4.9), { pane, row: 1, column: 2 });
    assert.equal(mosaic.cellAt(found, x + 5.1, y), null);
  }
});

test("each cell is a square of its colour, gaps are gray, and cells that are not finite are hatched", () => {
  const found = mosaic.arrange(2, 1, 1, 4, 2);
  const pixels = mosaic.enlarge(found, [77, 0]);
  assert.equal(pixels.length, 10 * 4);
  assert.deepEqual(new Set(pixels.subarray(0, 4)), new Set([77]));
  assert.equal(pixels[4], mosaic.GAP_COLOUR);
  assert.equal(new Set(pixels.subarray(6, 10)).size, 2);
  assert.ok(!pixels.subarray(6, 10).includes(0));
});

test("a receptive field is centred in each direction and clipped to the image", () => {
  /** @type {import("../../../pages/components/maps/sections.js").Geometry} */
  const geometry = [[3.5, 1], [2, 1], [8, 3]];
  assert.deepEqual(mosaic.receptiveField(geometry, [5, 7], [50, 20]), {
    top: 10 / 50, height: 8 / 50, left: 7 / 20, width: 3 / 20,
  });
  assert.deepEqual(mosaic.receptiveField([[0, 0], [1, 1], [3, 3]], [0, 0], [10, 10]), {
    top: 0, height: 0.2, left: 0, width: 0.2,
  });
});

test("a map covers the pixels around the centres of its values", () => {
  const box = mosaic.placeOnImage([[3.5, 1], [2, 1], [8, 3]], [22, 18], [50, 20]);
  assert.deepEqual(box, { top: 3 / 50, height: 44 / 50, left: 1 / 20, width: 18 / 20 });
  assert.deepEqual(mosaic.placeOnImage(null, [1, 1], [9, 9]), { left: 0, top: 0, width: 1, height: 1 });
});

test("a map of one value covers its receptive field", () => {
  const box = mosaic.placeOnImage([[24.5, 9.5], [2, 2], [50, 24]], [1, 1], [50, 20]);
  assert.deepEqual(box, { top: 0, height: 1, left: 0, width: 1 });
});

test("tiles fill their rows evenly, in as few rows as there is room for", () => {
  /** @param {number} tiles @param {number} most that fit in a row */
  const columns = (tiles, most) => mosaic.evenColumns(tiles, 40, 10, 50 * most - 10);
  assert.deepEqual([columns(16, 14), columns(16, 5), columns(16, 16), columns(16, 15.9)], [8, 4, 16, 8]);
  assert.deepEqual([columns(3, 100), columns(5, 0.5), columns(7, 3)], [3, 1, 3]);
});
