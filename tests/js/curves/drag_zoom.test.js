// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { dragZoom } from "../../../pages/components/curves/drag_zoom.js";

/** A chart of 100 × 50 pixels, for x from 0 to 1000 and y from 0 to 5. @param {object} select its rectangle */
function chart(select) {
  return {
    select,
    over: { clientHeight: 50 },
    /** @param {number} at @param {"x"|"y"} axis */
    posToVal: (at, axis) => (axis === "x" ? 10 * at : 5 - at / 10),
    /** @param {object} given */
    setSelect(given) { this.select = given; },
  };
}

/** What is zoomed to after a drag, call by call. @param {object} select */
function zoomed(select) {
  /** @type {unknown[]} */
  const zooms = [];
  const dragged = chart(select);
  dragZoom((zoom) => zooms.push(zoom)).setSelect(dragged);
  return { zooms, rectangle: dragged.select };
}

test("a dragged rectangle becomes the ranges of both axes, from low to high, and disappears", () => {
  const { zooms, rectangle } = zoomed({ left: 10, top: 20, width: 30, height: 10 });
  assert.deepEqual(zooms, [{ x: [100, 400], y: [2, 3] }]);
  assert.deepEqual(rectangle, { left: 0, top: 0, width: 0, height: 0 });
});

test("a drag along the chart leaves its height as it is", () => {
  assert.deepEqual(zoomed({ left: 10, top: 0, width: 30, height: 50 }).zooms, [{ x: [100, 400], y: null }]);
});

test("a click without a drag zooms to nothing", () => {
  assert.deepEqual(zoomed({ left: 10, top: 20, width: 0, height: 0 }).zooms, []);
  assert.deepEqual(zoomed({ left: 10, top: 20, width: 5, height: 0 }).zooms, []);
});

test("a double click shows all", () => {
  /** @type {unknown[]} */
  const zooms = [];
  dragZoom((zoom) => zooms.push(zoom)).cursor.bind.dblclick()();
  assert.deepEqual(zooms, [null]);
});
