// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { nearestLine, passing } from "../../../pages/components/parallel/lines.js";

test("a line is kept if it passes through the kept part of every axis", () => {
  const values = [[0, 1, 2], [0.5, 0.6, 0.9]];
  assert.deepEqual(passing(values, [null, null], 3), [true, true, true]);
  assert.deepEqual(passing(values, [[1, 2], null], 3), [false, true, true]);
  assert.deepEqual(passing(values, [[1, 2], [0, 0.6]], 3), [false, true, false]);
});

test("the nearest line is found between two axes and at an axis", () => {
  const heights = [[0, 100], [100, 0], [100, 50]]; // two lines that cross between the first two axes
  const places = [0, 10, 20];
  assert.equal(nearestLine(places, heights, [2, 25], 12), 0);
  assert.equal(nearestLine(places, heights, [8, 25], 12), 1);
  assert.equal(nearestLine(places, heights, [20, 55], 12), 1);
  assert.equal(nearestLine(places, heights, [0, 4], 12), 0);
});

test("no line is found where there is none near, or none that counts", () => {
  const heights = [[0, 100], [0, 100]];
  assert.equal(nearestLine([0, 10], heights, [5, 50], 12), -1);
  assert.equal(nearestLine([0, 10], heights, [40, 0], 12), -1);
  assert.equal(nearestLine([0, 10], heights, [5, 98], 12, (line) => line !== 1), -1);
});
