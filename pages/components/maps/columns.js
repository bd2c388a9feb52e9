// @ts-check
// The network at a glance, computed: the size of its columns, and how strongly a map or unit depends on those of the
// column before. Pure functions.

import { extent, findSection, valueAt } from "./sections.js";

/**
 * @typedef {import("./sections.js").Address} Address
 * @typedef {import("./sections.js").Message} Message
 * @typedef {import("./sections.js").Section} Section
 *
 * @typedef {"image"|"maps"|"bars"|"answer"} Kind
 *
 * @typedef {object} Column one column of the glance: a layer and those that belong to it, such as its activation
 * @property {Kind} kind
 * @property {string[]} layers names of its sections, in forward order
 * @property {string} shown the section that is drawn at first
 *
 * A column to lay out. count: of its maps, bars or classes.
 * @typedef {{kind: Kind, count: number}} Content
 *
 * How a column is laid out, in CSS pixels. across: maps in a row; shown: how many of them fit.
 * @typedef {{width: number, across: number, shown: number}} Place
 */

export const SPACE = 4; // CSS pixels between maps
const LARGEST = 132; // CSS pixels, side of a map
const SMALLEST = 22;
const SCROLLED = 44; // side of a map if the glance scrolls sideways: a finger can hit it
const LARGEST_IMAGE = 190;
// CSS pixels: between columns, for the links; widths of a column of bars, and of the answer
const WIDE = { between: 36, bars: 76, answer: 148 };
const NARROW = { between: 20, bars: 60, answer: 116 };
const NARROW_BOX = 700; // CSS pixels
const ROW = 26; // CSS pixels, height of a class

/**
 * The largest side of a map for which all maps fit; if even small ones do not, only some are shown, and if their columns
 * are still too wide, the glance is wider than its box. A pure function of the room.
 * @param {Content[]} contents
 * @param {number} width of the box, in CSS pixels
 * @param {number} height
 * @returns {{tile: number, image: number, width: number, height: number, places: Place[]}}
 */
export function layOut(contents, width, height) {
  const { between, bars, answer } = width < NARROW_BOX ? NARROW : WIDE;
  /** @param {number} tile @param {number} most maps in a row */
  const plan = (tile, most) => {
    const rows = Math.max(1, Math.floor((height + SPACE) / (tile + SPACE)));
    const image = Math.min(LARGEST_IMAGE, height, Math.max(96, 1.7 * tile));
    const places = contents.map(({ kind, count }) => {
      if (kind === "image") return { width: image, across: 1, shown: count };
      if (kind === "bars") return { width: bars, across: 1, shown: Math.min(count, Math.max(1, Math.floor(height / 3))) };
      if (kind === "answer") return { width: answer, across: 1, shown: Math.min(count, Math.max(2, Math.floor(height / ROW))) };
      const across = Math.min(most, Math.ceil(count / rows));
      return { width: across * (tile + SPACE) - SPACE, across, shown: Math.min(count, across * rows) };
    });
    const total = places.reduce((sum, place) => sum + place.width, 0) + between * (contents.length - 1);
    return { tile, image, width: total, height, places };
  };
  for (let tile = LARGEST; tile >= SMALLEST; tile--) {
    const found = plan(tile, Infinity);
    if (found.width <= width) return found;
  }
  for (let most = 24; most > 0; most--) {
    const found = plan(SMALLEST, most);
    if (found.width <= width) return found;
  }
  return plan(SCROLLED, 4);
}

/** The share of each map in all that is said for and against, in percent with its sign. @param {ArrayLike<number>} evidence */
export function shares(evidence) {
  let total = 0;
  for (let i = 0; i < evidence.length; i++) total += Math.abs(evidence[i]);
  return Array.from(evidence, (value) => (total > 0 ? (100 * value) / total : 0));
}

/**
 * How strongly a map or unit of a column depends on those of the column before: index there -> strength, with the sign
 * of the weights. Empty if it is not known. For a convolution, the norm of each kernel; for a dense layer, the products
 * (of a map: their sum).
 * @param {Message} message
 * @param {Column} column
 * @param {number} index
 * @returns {Map<number, number>}
 */
export function linksInto(message, column, index) {
  /** @type {Map<number, number>} */
  const links = new Map();
  for (const name of column.layers) {
    const section = findSection(message, name);
    const origin = section && section.kind !== "picture" ? section.origin : null;
    const source = origin && findSection(message, origin.source);
    if (!origin || !source) continue;
    if (origin.kind === "conv") addKernels(links, origin, source, index);
    if (origin.kind === "dense") addProducts(links, message, origin, source, index);
  }
  return links;
}

/** @param {Map<number, number>} links @param {import("./sections.js").Origin} origin @param {Section} source @param {number} index */
function addKernels(links, origin, source, index) {
  const { shape: [filters, depth, height, width], values } = origin.numbers.weight;
  const first = Math.floor(index / (filters / origin.groups)) * depth;
  for (let channel = 0; channel < depth; channel++) {
    let [sum, square] = [0, 0];
    for (let at = 0; at < height * width; at++) {
      const weight = values[(index * depth + channel) * height * width + at];
      sum += weight;
      square += weight * weight;
    }
    const from = source.kind === "picture" ? 0 : first + channel; // an image is one picture, also in colour
    links.set(from, (links.get(from) ?? 0) + (sum < 0 ? -1 : 1) * Math.sqrt(square));
  }
}

/** @param {Map<number, number>} links @param {Message} message @param {import("./sections.js").Origin} origin @param {Section} source @param {number} index */
function addProducts(links, message, origin, source, index) {
  const { inputs, weight } = origin.numbers;
  const terms = weight.shape[1];
  const flattened = source.kind === "strip" && source.origin ? findSection(message, source.origin.source) : null;
  const { height, width } = flattened ? extent(flattened) : { height: 1, width: 1 };
  for (let at = index * terms; at < (index + 1) * terms; at++) {
    const input = inputs.values[at];
    const value = valueAt(source, { index: input, row: 0, column: 0 });
    const from = flattened?.kind === "picture" ? 0 : Math.floor(input / (height * width));
    links.set(from, (links.get(from) ?? 0) + value * weight.values[at]);
  }
}
