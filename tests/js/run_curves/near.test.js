// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { nearest, range, scaleOf } from "../../../pages/components/run_curves/near.js";

/** @param {number[]} x @param {number[]} y */
const curve = (x, y) => ({
  name: "",
  color: "",
  dash: [],
  x: { shape: [x.length], values: x },
  y: { shape: [y.length], values: y },
  raw: null,
});

test("a range holds all values and is never empty", () => {
  assert.deepEqual(range([[3, 1], [], [7]]), [1, 7]);
  assert.deepEqual(range([[2, 2]]), [1.5, 2.5]);
  assert.deepEqual(range([]), [0, 1]);
});

test("a scale maps both ends, also downwards", () => {
  const { slope, start } = scaleOf([2, 4], [100, 0]);
  assert.deepEqual([2, 3, 4].map((value) => start + slope * value), [100, 50, 0]);
});

test("the curve with the nearest point is found within reach", () => {
  const curves = [curve([0, 10], [0, 0]), curve([0, 10], [5, 6])];
  const same = { slope: 1, start: 0 };
  assert.deepEqual(nearest(curves, same, same, [9, 5], 3), { curve: 1, point: 1 });
  assert.deepEqual(nearest(curves, same, same, [1, 1], 3), { curve: 0, point: 0 });
  assert.equal(nearest(curves, same, same, [50, 50], 3), null);
});
