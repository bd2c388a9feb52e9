// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import * as sections from "../../../pages/components/maps/sections.js";
import * as make from "./message.js";

const MAPS = make.tiles("maps", { shape: [2, 2, 3], values: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, -9, 8, 0, 1) });
const IMAGE = make.picture("image", [2, 1, 3], [1, 2, 3, 4, 255, 6]);

test("an address names section, map, row and column", () => {
  assert.equal(sections.valueAt(MAPS, { index: 1, row: 1, column: 0 }), 8);
  assert.equal(sections.valueAt(IMAGE, { index: 1, row: 1, column: 0 }), 1);
  const message = make.message(MAPS, IMAGE);
  /** @param {string} section @param {number} index @param {number} row @param {number} column */
  const exists = (section, index, row, column) => sections.exists(message, { section, index, row, column });
  assert.deepEqual([exists("maps", 1, 1, 2), exists("maps", 1, 1, 3), exists("maps", 2, 0, 0)], [true, false, false]);
  assert.deepEqual([exists("image", 2, 1, 0), exists("image", 2, 1, 1), exists("gone", 0, 0, 0)], [true, false, false]);
});

test("the strongest place of a map has its largest magnitude", () => {
  assert.deepEqual(sections.strongestPlace(MAPS, 1), { section: "maps", index: 1, row: 0, column: 2 });
});

test("numbers have readable names and places", () => {
  assert.equal(sections.addressName(MAPS, { index: 1 }), "maps · 1");
  assert.equal(sections.addressPlace(IMAGE, { index: 2, row: 1, column: 0 }), "row 1, column 0, blue");
  assert.equal(sections.addressPlace(make.bars("bars", make.vector(1)), { index: 0, row: 0, column: 0 }), "");
});

test("a scale is for one tile or shared by all", () => {
  assert.ok(MAPS.kind === "tiles");
  assert.deepEqual([0, 1].map((index) => sections.tileLimit(MAPS, index, false)), [5, 9]);
  assert.equal(sections.tileLimit(MAPS, 0, true), 9);
});

test("the structure changes with the shapes, not with the values", () => {
  /** @param {number} seed @param {number} n */
  const structure = (seed, n) => sections.structureOf(make.message(make.tiles("maps", make.randomArray([n, 2, 2], seed))));
  assert.equal(structure(1, 3), structure(2, 3));
  assert.notEqual(structure(1, 3), structure(1, 4));
});

test("the network gets pixels minus the mean, divided by the spread, and their brightness can be had back", () => {
  const image = make.picture("image", [1, 1, 1], [102], 0.5, 0.25);
  const value = sections.valueAt(image, { index: 0, row: 0, column: 0 });
  assert.ok(Math.abs(value - (102 / 255 - 0.5) / 0.25) < 1e-6);
  assert.ok(Math.abs(sections.brightness(/** @type {any} */ (image), 0, value) - 0.4) < 1e-6);
});

test("given limits replace the largest magnitudes as the ends of the colour scales", () => {
  const { summaries, limit } = sections.blockOf(MAPS, [20, 0.5]);
  assert.deepEqual([summaries.map((one) => one.limit), limit, summaries[0].max], [[20, 0.5], 20, 5]);
  assert.deepEqual(sections.blockOf(MAPS).summaries.map((one) => one.limit), [5, 9]);
});
