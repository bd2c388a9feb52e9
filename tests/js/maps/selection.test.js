// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { Selection } from "../../../pages/components/maps/selection.js";
import * as make from "./message.js";

const MAPS = make.tiles("maps", { shape: [2, 1, 2], values: Float32Array.of(1, -2, 3, 0) });

/** A message in which Python selects a tile. @param {number|null} index */
const selecting = (index) => ({ ...make.message(MAPS), selected: index === null ? null : /** @type {[string, number]} */ (["maps", index]) });

test("a selection goes forward, back, and stops when what it was at is gone", () => {
  const selection = new Selection();
  /** @param {number} index */
  const address = (index) => ({ section: "maps", index, row: 0, column: 0 });
  assert.ok(selection.point(address(0)));
  assert.ok(!selection.point(address(0)));
  selection.follow(address(1));
  selection.follow(address(2));
  assert.deepEqual(selection.trail.map(({ index }) => index), [0, 1]);
  selection.back(1);
  assert.deepEqual([selection.shown?.index, selection.trail.length], [1, 1]);
  selection.forgetMissing((one) => one?.index === 0);
  assert.deepEqual([selection.shown?.index, selection.trail.length], [0, 0]);
});

test("what Python selects is pinned at its strongest value, once", () => {
  const selection = new Selection();
  selection.adopt(selecting(0), null);
  assert.deepEqual(selection.pinned, { section: "maps", index: 0, row: 0, column: 1 });
  selection.release();
  selection.adopt(selecting(0), null);
  assert.deepEqual([selection.pinned], [null]);
  selection.adopt(selecting(1), null);
  assert.equal(selection.pinned?.index, 1);
});

test("a remembered number comes back, unless Python selects another tile", () => {
  const remembered = { section: "maps", index: 1, row: 0, column: 1 };
  /** @param {number|null} index */
  const pinned = (index) => {
    const selection = new Selection();
    selection.adopt(selecting(index), remembered);
    return selection.pinned;
  };
  assert.deepEqual([pinned(null), pinned(1)], [remembered, remembered]);
  assert.equal(pinned(0)?.index, 0);
});

test("a remembered number that is gone is forgotten", () => {
  const selection = new Selection();
  selection.adopt(selecting(null), { section: "maps", index: 2, row: 0, column: 0 });
  assert.deepEqual([selection.pinned], [null]);
});
