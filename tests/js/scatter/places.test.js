// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { nearestTo, nextTo, placed } from "../../../pages/components/scatter/places.js";

test("points fill the drawing up to its margin, and y grows upwards", () => {
  const { places, place } = placed([0, 0, 10, 5, 5, 2.5], 120, 70, 10);
  assert.deepEqual(places, [{ x: 10, y: 60 }, { x: 110, y: 10 }, { x: 60, y: 35 }]);
  assert.deepEqual(place(20, 0), { x: 210, y: 60 });
});

test("points that do not differ along an axis lie in its middle", () => {
  assert.deepEqual(placed([3, 1, 3, 2], 100, 100, 10).places, [{ x: 50, y: 90 }, { x: 50, y: 10 }]);
  assert.deepEqual(placed([], 100, 100, 10).places, []);
});

test("the nearest point within reach is meant", () => {
  const places = [{ x: 0, y: 0 }, { x: 10, y: 0 }];
  assert.equal(nearestTo(places, { x: 6, y: 0 }, 5), 1);
  assert.equal(nearestTo(places, { x: 4, y: 3 }, 5), 0);
  assert.equal(nearestTo(places, { x: 50, y: 0 }, 5), -1);
});

test("an arrow key leads to the nearest point in its direction", () => {
  const places = [{ x: 0, y: 0 }, { x: 10, y: 2 }, { x: 30, y: 0 }, { x: 0, y: -5 }];
  assert.equal(nextTo(places, 0, "ArrowRight"), 1);
  assert.equal(nextTo(places, 1, "ArrowRight"), 2);
  assert.equal(nextTo(places, 0, "ArrowUp"), 3);
  assert.equal(nextTo(places, 0, "ArrowLeft"), -1);
  assert.equal(nextTo(places, 0, "Home"), -1);
});
