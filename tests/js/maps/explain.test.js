// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { explain } from "../../../pages/components/maps/explain.js";
import * as make from "./message.js";

/**
 * @typedef {import("../../../pages/components/maps/sections.js").Address} Address
 * @typedef {import("../../../pages/components/maps/explain.js").Explanation} Explanation
 */

/** @template {string} Kind @typedef {Explanation & {kind: Kind}} Of */

/** @param {number} index @param {number} row @param {number} column @returns {Address} */
const address = (index, row = 0, column = 0) => ({ section: "layer", index, row, column });

/** @param {number} actual @param {number} expected */
function near(actual, expected) {
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);
}

/**
 * The explanation of a number, which must be of that kind.
 * @template {Explanation["kind"]} Kind
 * @param {Kind} kind
 * @param {import("../../../pages/components/maps/sections.js").Message} message
 * @param {Address} of
 */
function explained(kind, message, of) {
  const found = explain(message, of);
  assert.equal(found.kind, kind);
  return /** @type {Of<Kind>} */ (found);
}

// Convolutions

const MAPS = make.randomArray([4, 7, 9], 1);

/** @type {[string, number[], Partial<import("../../../pages/components/maps/sections.js").Origin>][]} */
const CONVOLUTIONS = [
  ["3 x 3", [3, 4, 3, 3], {}],
  ["1 x 1", [3, 4, 1, 1], {}],
  ["2 x 3", [3, 4, 2, 3], {}],
  ["11 x 11 with padding", [2, 4, 11, 11], { padding: [5, 5] }],
  ["padding by side", [3, 4, 3, 5], { padding: [1, 2] }],
  ["stride by side", [3, 4, 3, 3], { stride: [2, 3] }],
  ["dilation by side", [3, 4, 3, 3], { dilation: [2, 3] }],
  ["two groups", [6, 2, 3, 3], { groups: 2, padding: [1, 1] }],
  ["one channel a filter", [4, 1, 3, 3], { groups: 4 }],
  ["all at once", [4, 2, 2, 3], { groups: 2, stride: [2, 1], padding: [1, 2], dilation: [3, 2] }],
];

for (const [name, shape, others] of CONVOLUTIONS) {
  test(`a convolution is the sum of its products: ${name}`, () => {
    const weight = make.randomArray(shape, 2);
    const bias = make.randomArray([shape[0]], 3);
    const kernel = /** @type {[number, number]} */ (shape.slice(2));
    const from = make.origin({ kind: "conv", kernel, ...others, numbers: { weight, bias } });
    const layer = make.tiles("layer", make.randomArray([shape[0], 2, 3], 4), from);
    const message = make.message(make.tiles("before", MAPS), layer);
    for (const [filter, row, column] of [[0, 0, 0], [shape[0] - 1, 1, 2], [1, 0, 1]]) {
      const found = explained("conv", message, address(filter, row, column));
      near(found.sum, make.convolved(MAPS, weight, from, [filter, row, column]));
      near(found.total, found.sum + bias.values[filter]);
      near(found.bias ?? NaN, bias.values[filter]);
      assert.equal(found.channels.length, shape[1]);
      for (const { index, cells, patch, weights, products, sum } of found.channels) {
        assert.equal(cells.length, kernel[0] * kernel[1]);
        cells.forEach((cell, i) => {
          near(patch[i], cell ? make.at(MAPS, index, cell.row, cell.column) : 0);
          near(products[i], patch[i] * weights[i]);
        });
        near(sum, products.reduce((a, b) => a + b));
      }
    }
  });
}

test("a convolution without bias has none", () => {
  const weight = make.randomArray([2, 4, 1, 1], 2);
  const from = make.origin({ kind: "conv", numbers: { weight } });
  const message = make.message(make.tiles("before", MAPS), make.tiles("layer", make.randomArray([2, 7, 9], 3), from));
  const found = explained("conv", message, address(1, 2, 3));
  assert.equal(found.bias, null);
  assert.equal(found.total, found.sum);
});

test("the area of a convolution includes padding and dilation", () => {
  const from = make.origin({
    kind: "conv", kernel: [2, 3], stride: [2, 1], padding: [1, 2], dilation: [3, 2], groups: 2,
    numbers: { weight: make.randomArray([4, 2, 2, 3], 1) },
  });
  const message = make.message(make.tiles("before", MAPS), make.tiles("layer", make.randomArray([4, 4, 8], 2), from));
  const { reads, channels } = explained("conv", message, address(3, 1, 0));
  assert.deepEqual(reads, { first: 2, count: 2, row: 1, column: -2, height: 4, width: 5 });
  assert.deepEqual(channels[0].cells.map((cell) => cell && [cell.row, cell.column]), [
    null, [1, 0], [1, 2],
    null, [4, 0], [4, 2],
  ]);
});

test("a convolution of an image takes its channels divided by 255", () => {
  const image = make.picture("before", [1, 2, 3], [255, 0, 51, 0, 102, 0]);
  const weight = { shape: [1, 3, 1, 2], values: Float32Array.of(1, 2, 4, 8, 16, 32) };
  const from = make.origin({ kind: "conv", kernel: [1, 2], numbers: { weight } });
  const found = explained("conv", make.message(image, make.tiles("layer", make.singleMap(0), from)), address(0));
  near(found.sum, 1 * 1 + 8 * 0.4 + 16 * 0.2);
});

// Pools

/** @param {Partial<import("../../../pages/components/maps/sections.js").Origin>} others */
function pooled(others, shape = [4, 2, 2]) {
  const from = make.origin({ kind: "pool", ...others });
  return make.message(make.tiles("before", MAPS), make.tiles("layer", make.randomArray(shape, 5), from));
}

test("a max pool keeps the largest of any window, at any stride", () => {
  const message = pooled({ function: "max", kernel: [3, 2], stride: [2, 4] });
  const found = explained("pool", message, address(2, 1, 1));
  const window = [2, 3, 4].flatMap((row) => [4, 5].map((column) => make.at(MAPS, 2, row, column)));
  assert.deepEqual(found.values, window);
  assert.equal(found.total, Math.max(...window));
  assert.equal(found.winner, window.indexOf(Math.max(...window)));
  assert.deepEqual(found.reads, { first: 2, count: 1, row: 2, column: 4, height: 3, width: 2 });
});

test("an average pool keeps the mean", () => {
  const found = explained("pool", pooled({ function: "average", kernel: [2, 2], stride: [2, 2] }), address(0, 1, 2));
  const window = [[2, 4], [2, 5], [3, 4], [3, 5]].map(([row, column]) => make.at(MAPS, 0, row, column));
  near(found.total, (window[0] + window[1] + window[2] + window[3]) / 4);
  assert.equal(found.winner, -1);
});

test("global average pooling is the mean of the whole map", () => {
  const found = explained("pool", pooled({ function: "average", kernel: [7, 9] }, [4, 1, 1]), address(3));
  const map = Array.from(MAPS.values.subarray(3 * 63));
  near(found.total, map.reduce((a, b) => a + b) / 63);
  assert.deepEqual(found.reads, { first: 3, count: 1, row: 0, column: 0, height: 7, width: 9 });
});

test("padding never wins a max pool, and counts as 0 in an average, as in PyTorch", () => {
  const negative = { shape: [1, 2, 2], values: Float32Array.of(-4, -3, -2, -1) };
  /** @param {string} name */
  const found = (name) => {
    const from = make.origin({ kind: "pool", function: name, kernel: [2, 2], stride: [2, 2], padding: [1, 1] });
    const layer = make.tiles("layer", make.randomArray([1, 2, 2], 1), from);
    return explained("pool", make.message(make.tiles("before", negative), layer), address(0));
  };
  assert.equal(found("max").total, -4);
  assert.equal(found("max").winner, 3);
  assert.equal(found("average").total, -1);
});

test("a value that is not a number wins a max pool, as in PyTorch", () => {
  const nonFinite = { shape: [1, 1, 3], values: Float32Array.of(1, NaN, 2) };
  const from = make.origin({ kind: "pool", function: "max", kernel: [1, 3] });
  const found = explained("pool", make.message(make.tiles("before", nonFinite), make.tiles("layer", make.singleMap(NaN), from)), address(0));
  assert.equal(found.winner, 1);
  assert.ok(Number.isNaN(found.total));
});

// What works on each value alone

const NORM = make.origin({
  kind: "norm",
  numbers: {
    mean: make.vector(1, 0.5), var: make.vector(1, 4), gamma: make.vector(1, 3), beta: make.vector(0, -1), eps: make.vector(0),
  },
});

test("batch norm of maps uses the numbers of the map", () => {
  const before = make.tiles("before", { shape: [2, 1, 2], values: Float32Array.of(0, 0, 4.5, 0) });
  const message = make.message(before, make.tiles("layer", make.randomArray([2, 1, 2], 1), NORM));
  const found = explained("norm", message, address(1, 0, 0));
  assert.deepEqual([found.centred, found.deviation, found.normal, found.scaled, found.total], [4, 2, 2, 6, 5]);
});

test("batch norm of a vector uses the numbers of the unit", () => {
  const message = make.message(make.bars("before", make.vector(0, 4.5)), make.bars("layer", make.vector(0, 0), NORM));
  const found = explained("norm", message, address(1));
  assert.equal(found.total, 5);
  assert.deepEqual(found.reads, { first: 1, count: 1, row: 0, column: 0, height: 1, width: 1 });
});

test("an activation is its formula at the value in the same place", () => {
  const from = make.origin({ kind: "activation", formula: ["max", ["*", 0.25, "x"], "x"] });
  const before = make.tiles("before", { shape: [1, 1, 2], values: Float32Array.of(3, -8) });
  const message = make.message(before, make.tiles("layer", make.randomArray([1, 1, 2], 1), from));
  const found = explained("activation", message, address(0, 0, 1));
  assert.deepEqual([found.input, found.total, found.apply(5)], [-8, -2, 5]);
  assert.deepEqual(found.from, { section: "before", index: 0, row: 0, column: 1 });
});

// Vectors

test("flatten goes row by row, map by map, also over maps that are not square", () => {
  const message = make.message(make.tiles("before", MAPS), make.strip("layer", make.vector(...MAPS.values), make.origin({ kind: "flatten" })));
  for (const index of [0, 62, 63, 100, 251]) {
    const found = explained("flatten", message, address(index));
    const [map, row, column] = [Math.floor(index / 63), Math.floor((index % 63) / 9), index % 9];
    assert.deepEqual(found.from, { section: "before", index: map, row, column });
    assert.equal(found.total, MAPS.values[index]);
  }
});

test("flatten of maps of one value counts the maps", () => {
  const before = make.tiles("before", { shape: [5, 1, 1], values: Float32Array.of(0, 1, 2, 3, 4) });
  const message = make.message(before, make.strip("layer", make.vector(0, 1, 2, 3, 4), make.origin({ kind: "flatten" })));
  assert.deepEqual(explained("flatten", message, address(3)).from, { section: "before", index: 3, row: 0, column: 0 });
});

test("flatten of an image goes channel by channel, as in the network", () => {
  const image = make.picture("before", [1, 2, 3], [10, 20, 30, 40, 50, 60]);
  const layer = make.strip("layer", make.vector(10, 40, 20, 50, 30, 60), make.origin({ kind: "flatten" }));
  const found = explained("flatten", make.message(image, layer), address(3));
  assert.deepEqual(found.from, { section: "before", index: 1, row: 0, column: 1 });
  near(found.total, 50 / 255);
});

test("a dense unit is its largest products, the sum of the others and its bias, if it has one", () => {
  const numbers = {
    inputs: { shape: [2, 2], values: Uint32Array.of(2, 0, 1, 2) },
    weight: { shape: [2, 2], values: Float32Array.of(3, -1, 2, 4) },
    others: make.vector(0.5, -0.5),
  };
  const before = make.strip("before", make.vector(1, 2, 4));
  /** @param {Record<string, import("../../../pages/components/maps/sections.js").NumberArray>} all */
  const found = (all) => {
    const layer = make.bars("layer", make.vector(0, 0), make.origin({ kind: "dense", numbers: all }));
    return explained("dense", make.message(before, layer), address(0));
  };
  assert.deepEqual(found(numbers).terms.map(({ address: { index }, product }) => [index, product]), [[2, 12], [0, -1]]);
  assert.deepEqual(found(numbers).others, { count: 1, sum: 0.5 });
  assert.deepEqual([found(numbers).bias, found(numbers).total], [null, 11.5]);
  assert.equal(found({ ...numbers, bias: make.vector(0.25, 0) }).total, 11.75);
});

test("a softmax probability is a power divided by the sum, for logits of any size", () => {
  for (const shift of [0, 1000, -1000]) {
    const before = make.bars("before", make.vector(shift, shift + Math.log(2), shift + Math.log(5)));
    const layer = { ...make.bars("layer", make.vector(12.5, 25, 62.5), make.origin({ kind: "softmax" })), unit: "%" };
    const message = make.message(before, /** @type {import("../../../pages/components/maps/sections.js").Section} */ (layer));
    const found = explained("softmax", message, address(2));
    assert.ok(Math.abs(found.total - 0.625) < 1e-4);
    assert.equal(found.value, 0.625);
    assert.deepEqual(found.terms.map((term) => term.address.index), [2, 1, 0]);
  }
});

test("a softmax of many classes lists the largest and its own", () => {
  const logits = Array.from({ length: 100 }, (_, at) => -at / 10);
  const message = make.message(make.bars("before", make.vector(...logits)), make.bars("layer", make.vector(...logits), make.origin({ kind: "softmax" })));
  const { terms, own, others } = explained("softmax", message, address(99));
  assert.deepEqual([terms.length, others.count, terms[23] === own, terms[0].address.index], [24, 76, true, 0]);
});

// The ends

test("a pixel has no source, and a section without an origin is unknown", () => {
  const message = make.message(make.picture("layer", [1, 1, 3], [0, 51, 0]), make.bars("other", make.vector(7)));
  near(explained("pixel", message, address(1)).value, 0.2);
  assert.equal(explained("unknown", message, { section: "other", index: 0, row: 0, column: 0 }).value, 7);
});
