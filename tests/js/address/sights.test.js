// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { isNewSight } from "../../../pages/components/address/sights.js";

const SIGHTS = { chosen: ["run", "unit"], shown: ["image", "layer"] };

/** @param {string} before @param {string} after */
const differ = (before, after) => isNewSight(new URLSearchParams(before), new URLSearchParams(after), SIGHTS);

test("another value of what was chosen, a first one or none is a new sight", () => {
  assert.equal(differ("run=a", "run=b"), true);
  assert.equal(differ("", "run=a"), true);
  assert.equal(differ("run=a&unit=3", "run=a"), true);
});

test("another value of what a page shows by itself is a new sight; a first one or none only completes the address", () => {
  assert.equal(differ("image=1", "image=2"), true);
  assert.equal(differ("", "image=1&layer=conv1"), false);
  assert.equal(differ("image=1&layer=conv1", "image=1"), false);
});

test("anything else adjusts the same sight", () => {
  assert.equal(differ("run=a&step=1&image=1", "step=7&run=a&image=1&order=best"), false);
  assert.equal(differ("filters=8%2C16&run=a", "filters=9%2C16&run=a"), false);
});
