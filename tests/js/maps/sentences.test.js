// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { explain } from "../../../pages/components/maps/explain.js";
import * as sentences from "../../../pages/components/maps/sentences.js";
import * as make from "./message.js";

const MAPS = make.randomArray([4, 24, 26], 1);

/** @param {Partial<import("../../../pages/components/maps/sections.js").Origin>} others @param {number[]} place @returns {any} */
function explained(others, [index, row, column] = [0, 0, 0]) {
  const layer = make.tiles("layer", make.randomArray([4, 24, 26], 2), make.origin(others));
  return explain(make.message(make.tiles("before", MAPS), layer), { section: "layer", index, row, column });
}

test("a pool names its window of any size", () => {
  const small = explained({ kind: "pool", function: "max", kernel: [2, 2], stride: [2, 2] }, [1, 3, 4]);
  assert.equal(sentences.poolRule(small), "largest of 4");
  assert.equal(sentences.poolPlace(small), "The window of before · 1: rows 6 and 7, columns 8 and 9");
  assert.equal(
    sentences.poolSentence(small),
    "Max pooling keeps the largest value of each 2 × 2 window and forgets where in the window it was.",
  );
  const wide = explained({ kind: "pool", function: "average", kernel: [1, 3], stride: [1, 1] }, [0, 3, 4]);
  assert.equal(sentences.poolRule(wide), "sum of 3 ÷ 3");
  assert.equal(sentences.poolPlace(wide), "The window of before · 0: row 3, columns 4 to 6");
  assert.equal(sentences.poolSentence(wide), "Average pooling keeps the mean of each 1 × 3 window.");
});

test("a global pool says so", () => {
  const found = explained({ kind: "pool", function: "average", kernel: [24, 26] });
  assert.equal(sentences.poolSentence(found), "Global average pooling keeps one value of each map, its mean.");
  assert.equal(sentences.poolRule(found), "sum of 624 ÷ 624");
});

test("a pool with padding names only places inside the map", () => {
  const found = explained({ kind: "pool", function: "max", kernel: [3, 3], stride: [2, 2], padding: [1, 1] });
  assert.equal(sentences.poolRule(found), "largest of 4");
  assert.equal(sentences.poolPlace(found), "The window of before · 0: rows 0 and 1, columns 0 and 1, and padding");
});

test("a convolution names its inputs and its dilation", () => {
  const weight = make.randomArray([4, 4, 3, 3], 3);
  const plain = explained({ kernel: [3, 3], numbers: { weight } });
  assert.equal(sentences.convSentence(plain), "Values of the 4 maps of before under the filter, times its weights.");
  const padded = explained({ kernel: [3, 3], padding: [1, 1], dilation: [2, 1], numbers: { weight } });
  assert.equal(
    sentences.convSentence(padded),
    "Values of the 4 maps of before under the filter, times its weights. The filter skips values: its dilation is 2 × 1. "
      + "Padding beyond the edge counts as 0.",
  );
  const grouped = explained({ groups: 2, numbers: { weight: make.randomArray([4, 2, 1, 1], 3) } }, [3, 0, 0]);
  assert.match(sentences.convSentence(grouped), /^Values of maps 2 and 3 of before \(this filter’s group\)/);
});

test("flatten explains how the place is computed", () => {
  const maps = make.message(make.tiles("before", MAPS), make.strip("row", make.vector(...MAPS.values), make.origin({ kind: "flatten" })));
  /** @type {any} */
  const found = explain(maps, { section: "row", index: 624 + 26 * 2 + 5, row: 0, column: 0 });
  assert.equal(
    sentences.flattenSentence(found),
    "Each map has 24 × 26 = 624 values; its place in the row is 1 × 624 + 2 × 26 + 5 = 681.",
  );
  const single = make.tiles("before", { shape: [3, 1, 1], values: Float32Array.of(1, 2, 3) });
  /** @type {any} */
  const one = explain(make.message(single, make.strip("row", make.vector(1, 2, 3), make.origin({ kind: "flatten" }))), { section: "row", index: 2, row: 0, column: 0 });
  assert.equal(sentences.flattenSentence(one), "Each map has one value; its place in the row is 2.");
});
