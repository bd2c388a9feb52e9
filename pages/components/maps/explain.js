// @ts-check
// Explains how one number was computed: (message, address) -> explanation. Pure functions; sums are in double
// precision.

import { sumOf } from "../common/numbers.js";
import { evaluate } from "./formulas.js";
import { extent, findSection, valueAt } from "./sections.js";

/**
 * @typedef {import("./sections.js").Address} Address
 * @typedef {import("./sections.js").Message} Message
 * @typedef {import("./sections.js").Origin} Origin
 * @typedef {import("./sections.js").Section} Section
 *
 * A rectangle in `count` maps (or units) from `first` on; it may extend beyond the border of the maps.
 * @typedef {{first: number, count: number, row: number, column: number, height: number, width: number}} Area
 *
 * @typedef {object} Base
 * @property {Address} address
 * @property {Section} section that the number belongs to
 * @property {number} value as PyTorch computed it
 * @property {number} total computed here from the parts: `value` up to rounding
 * @property {Area|null} reads the area of the source that it depends on
 *
 * @typedef {Base & {source: Section, origin: Origin}} Sourced
 * @typedef {Sourced & {kind: "conv"} & ReturnType<typeof explainConv>} ConvExplanation
 * @typedef {Sourced & {kind: "norm"} & ReturnType<typeof explainNorm>} NormExplanation
 * @typedef {Sourced & {kind: "activation"} & ReturnType<typeof explainActivation>} ActivationExplanation
 * @typedef {Sourced & {kind: "pool"} & ReturnType<typeof explainPool>} PoolExplanation
 * @typedef {Sourced & {kind: "flatten"} & ReturnType<typeof explainFlatten>} FlattenExplanation
 * @typedef {Sourced & {kind: "dense"} & ReturnType<typeof explainDense>} DenseExplanation
 * @typedef {Sourced & {kind: "softmax"} & ReturnType<typeof explainSoftmax>} SoftmaxExplanation
 * @typedef {Base & {kind: "pixel"|"unknown", source: null}} PlainExplanation
 * A number of the image ("pixel"), one whose origin was not sent ("unknown"), or one with an origin:
 * @typedef {ConvExplanation|NormExplanation|ActivationExplanation|PoolExplanation|FlattenExplanation|DenseExplanation
 *   |SoftmaxExplanation|PlainExplanation} Explanation
 */

const MOST_CLASSES = 24; // listed one by one for a softmax
const LARGEST_EXPONENT = 600; // exp of 710 overflows

/** @param {Message} message @param {Address} address @returns {Explanation} */
export function explain(message, address) {
  const section = /** @type {Section} */ (findSection(message, address.section));
  const value = valueAt(section, address);
  const origin = section.kind === "picture" ? null : section.origin;
  const source = origin && findSection(message, origin.source);
  if (!origin || !source) {
    return { kind: section.kind === "picture" ? "pixel" : "unknown", address, section, source: null, value, total: value, reads: null };
  }
  const base = { address, section, source, origin, value };
  switch (origin.kind) {
    case "conv": return { ...base, kind: "conv", ...explainConv(origin, source, address) };
    case "norm": return { ...base, kind: "norm", ...explainNorm(origin, source, address) };
    case "activation": return { ...base, kind: "activation", ...explainActivation(origin, source, address) };
    case "pool": return { ...base, kind: "pool", ...explainPool(origin, source, address) };
    case "flatten": return { ...base, kind: "flatten", ...explainFlatten(source, address) };
    case "dense": return { ...base, kind: "dense", ...explainDense(origin, source, address) };
    case "softmax": return { ...base, kind: "softmax", ...explainSoftmax(source, address) };
  }
}

/**
 * The area that a kernel (of a convolution or a pool) reads for the value at a place, in `count` maps from `first` on.
 * @param {Origin} origin
 * @param {{row: number, column: number}} place
 * @param {number} first
 * @param {number} count
 * @returns {Area}
 */
function areaRead({ kernel, stride, padding, dilation }, { row, column }, first, count) {
  const [height, width] = kernel.map((cells, side) => (cells - 1) * dilation[side] + 1);
  return { first, count, row: row * stride[0] - padding[0], column: column * stride[1] - padding[1], height, width };
}

/**
 * The addresses of the values under a kernel in one map, row by row; null in the padding.
 * @param {Origin} origin
 * @param {Section} source
 * @param {Area} area
 * @param {number} index of the map
 * @returns {(Address|null)[]}
 */
function cellsOf({ kernel, dilation }, source, area, index) {
  const { height, width } = extent(source);
  return Array.from({ length: kernel[0] * kernel[1] }, (_, at) => {
    const row = area.row + Math.floor(at / kernel[1]) * dilation[0];
    const column = area.column + (at % kernel[1]) * dilation[1];
    const inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside ? { section: source.name, index, row, column } : null;
  });
}

/**
 * channels: for each input map of the filter, its patch, its kernel, their products, and the sum of these. bias: null
 * if there is none.
 * @param {Origin} origin
 * @param {Section} source
 * @param {Address} address
 */
function explainConv(origin, source, address) {
  const { weight } = origin.numbers;
  const { index } = address;
  const [filters, depth] = weight.shape;
  const first = Math.floor(index / (filters / origin.groups)) * depth;
  const reads = areaRead(origin, address, first, depth);
  const size = origin.kernel[0] * origin.kernel[1];
  const channels = Array.from({ length: depth }, (_, channel) => {
    const cells = cellsOf(origin, source, reads, first + channel);
    const patch = Float64Array.from(cells, (cell) => (cell ? valueAt(source, cell) : 0));
    const start = (index * depth + channel) * size;
    const weights = weight.values.subarray(start, start + size);
    const products = patch.map((value, at) => value * weights[at]);
    return { index: first + channel, cells, patch, weights, products, sum: sumOf(products) };
  });
  const sum = sumOf(channels.map((channel) => channel.sum));
  const bias = biasOf(origin, index);
  return { channels, sum, bias, total: sum + (bias ?? 0), reads };
}

/** @param {Origin} origin @param {number} index @returns {number|null} */
function biasOf({ numbers }, index) {
  return numbers.bias ? numbers.bias.values[index] : null;
}

/** The value at the same place of the source, for elementwise layers. @param {Section} source @param {Address} address */
function sameAt(source, { index, row, column }) {
  const from = { section: source.name, index, row, column };
  /** @type {Area} */
  const reads = { first: index, count: 1, row, column, height: 1, width: 1 };
  return { from, input: valueAt(source, from), reads };
}

/** @param {Origin} origin @param {Section} source @param {Address} address */
function explainNorm({ numbers }, source, address) {
  const read = sameAt(source, address);
  /** @param {string} name */
  const of = (name) => numbers[name].values[address.index];
  const [mean, variance, gamma, beta, eps] = [of("mean"), of("var"), of("gamma"), of("beta"), numbers.eps.values[0]];
  const centred = read.input - mean;
  const deviation = Math.sqrt(variance + eps);
  const normal = centred / deviation;
  const scaled = normal * gamma;
  return { ...read, mean, variance, eps, gamma, beta, centred, deviation, normal, scaled, total: scaled + beta };
}

/** @param {Origin} origin @param {Section} source @param {Address} address */
function explainActivation({ formula }, source, address) {
  const read = sameAt(source, address);
  /** @param {number} x */
  const apply = (x) => evaluate(formula, x);
  return { ...read, apply, total: apply(read.input) };
}

/**
 * cells and values: the window row by row; null outside the map. winner: the index of the (first) largest value of a
 * max pool, else -1. Outside the map, a max pool ignores the values and an average pool counts zeros, as PyTorch does.
 * @param {Origin} origin
 * @param {Section} source
 * @param {Address} address
 */
function explainPool(origin, source, address) {
  const reads = areaRead(origin, address, address.index, 1);
  const cells = cellsOf(origin, source, reads, address.index);
  const values = cells.map((cell) => (cell ? valueAt(source, cell) : null));
  const inside = values.filter((value) => value !== null);
  const isMax = origin.function === "max";
  const largest = inside.reduce((one, other) => Math.max(one, other), -Infinity); // NaN wins, as in PyTorch
  const winner = isMax ? values.findIndex((value) => Object.is(value, largest)) : -1;
  return { cells, values, isMax, winner, total: isMax ? largest : sumOf(inside) / values.length, reads };
}

/** @param {Section} source @param {Address} address */
function explainFlatten(source, { index }) {
  const { height, width } = extent(source);
  const rest = index % (height * width);
  const map = Math.floor(index / (height * width));
  const read = sameAt(source, { section: source.name, index: map, row: Math.floor(rest / width), column: rest % width });
  return { ...read, height, width, total: read.input };
}

/**
 * terms: the largest products, in order. others: the number of the rest, and their sum.
 * @param {Origin} origin
 * @param {Section} source
 * @param {Address} address
 */
function explainDense(origin, source, { index }) {
  const { inputs, weight, others } = origin.numbers;
  const [, sent] = weight.shape;
  const terms = Array.from({ length: sent }, (_, at) => {
    const from = { section: source.name, index: inputs.values[index * sent + at], row: 0, column: 0 };
    const input = valueAt(source, from);
    const factor = weight.values[index * sent + at];
    return { address: from, input, weight: factor, product: input * factor };
  });
  const rest = { count: extent(source).count - sent, sum: others.values[index] };
  const sum = sumOf(terms.map(({ product }) => product)) + rest.sum;
  const bias = biasOf(origin, index);
  return { terms, others: rest, sum, bias, total: sum + (bias ?? 0), reads: null };
}

/** shift: subtracted from every logit if they are too large for exp; the probabilities stay the same. @param {Section} source @param {Address} address */
function explainSoftmax(source, { index }) {
  const logits = Array.from(source.values);
  const largest = Math.max(...logits);
  const shift = Math.abs(largest) > LARGEST_EXPONENT ? largest : 0;
  const all = logits.map((logit, at) => ({
    address: { section: source.name, index: at, row: 0, column: 0 }, logit, power: Math.exp(logit - shift),
  }));
  const sum = sumOf(all.map(({ power }) => power));
  const own = all[index];
  const ranked = all.filter((term) => term !== own).sort((one, other) => other.logit - one.logit);
  const terms = [own, ...ranked.slice(0, MOST_CLASSES - 1)].sort((one, other) => other.logit - one.logit);
  const rest = ranked.slice(MOST_CLASSES - 1);
  const others = { count: rest.length, sum: sumOf(rest.map(({ power }) => power)) };
  return { terms, own, others, shift, sum, total: own.power / sum, reads: null };
}
