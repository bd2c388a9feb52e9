// @ts-check
// The sections of a message from Python, and the addresses of single numbers in them. Pure functions.

import { decode } from "../common/message.js";
import { largestLimit, summarize } from "../common/numbers.js";

/**
 * @typedef {import("../common/message.js").NumberArray} NumberArray
 * @typedef {import("../common/numbers.js").Summary} Summary
 *
 * Tiles, or the companions drawn beside them: values (n, k, h, w), with a summary of each tile.
 * @typedef {NumberArray & {summaries: Summary[], limit: number}} Block
 *
 * @typedef {[number, number]} Pair rows, columns
 *
 * The geometry of maps, in pixels of the image. offset: the centre of the first value, counted from the centre of the
 * first pixel; jump: the distance from one value to the next; field: the receptive field of a value.
 * @typedef {[offset: Pair, jump: Pair, field: Pair]} Geometry
 *
 * @typedef {object} TilesOnly
 * @property {"tiles"} kind
 * @property {boolean} signed
 * @property {string[]} labels
 * @property {string[]} captions
 * @property {boolean[]} dim
 * @property {boolean} rgb
 * @property {Block|null} beside drawn left of each tile
 * @property {boolean} besideRgb
 * @property {Geometry|null} geometry
 * @property {number[]} limits the end of each tile's colour scale; empty: its largest magnitude
 * @property {number} shown how many tiles to draw, from the first
 * @property {Origin|null} origin
 *
 * @typedef {object} Named
 * @property {string} name
 * @property {string} note
 *
 * @typedef {Named & Block & TilesOnly} Tiles
 * @typedef {Named & NumberArray & {kind: "picture", mean: number[], spread: number[]}} Picture bytes (h, w, c); the network
 *     gets (byte / 255 - mean) / spread, channel by channel
 * @typedef {Named & NumberArray & {kind: "strip", signed: boolean, limit: number, origin: Origin|null}} Strip values (n)
 *
 * @typedef {object} BarsOnly
 * @property {"bars"} kind
 * @property {boolean} signed
 * @property {number} limit the largest magnitude
 * @property {string[]} labels may be empty
 * @property {string[]} colors may be empty
 * @property {""|"%"} unit
 * @property {string} caption
 * @property {Origin|null} origin
 * @typedef {Named & NumberArray & BarsOnly} Bars values (n)
 *
 * @typedef {Tiles|Bars|Picture|Strip} Section
 *
 * How the values of a section are computed from those of the section `source`; the same as in __init__.py.
 * @typedef {object} Origin
 * @property {"conv"|"norm"|"activation"|"pool"|"flatten"|"dense"|"softmax"} kind
 * @property {string} source
 * @property {string} function of a pool: "max" or "average"
 * @property {Pair} kernel
 * @property {Pair} stride
 * @property {Pair} padding
 * @property {Pair} dilation
 * @property {number} groups
 * @property {import("./formulas.js").Formula} formula of an activation
 * @property {string} formula_text
 * @property {string} sentence what an activation does
 * @property {Record<string, NumberArray>} numbers
 *
 * @typedef {object} Message
 * @property {string} key of the component, in Python
 * @property {Section[]} sections
 * @property {Picture|null} background
 * @property {boolean} shared one colour scale for a section, not one for each tile
 * @property {boolean} explains whether any section has an origin
 * @property {boolean} reports
 * @property {boolean} panel whether an open tile is enlarged in a panel
 * @property {number} tile
 * @property {number|null} columns
 * @property {[string, number]|null} selected
 * @property {import("./glance.js").GlanceData|null} glance
 *
 * Addresses one number: index is the map, the unit, or the colour channel of an image; row and column are 0 in a
 * vector.
 * @typedef {{section: string, index: number, row: number, column: number}} Address
 */

export const CHANNEL_NAMES = ["red", "green", "blue"];

/** @type {Message} */
export const NO_MESSAGE = {
  key: "", sections: [], background: null, shared: true, explains: false, reports: false, panel: true, tile: 0, columns: null,
  selected: null, glance: null,
};

/** @param {Uint8Array} message @returns {Message} */
export function readMessage(message) {
  const header = decode(message);
  const background = header.background && summarized(header.background);
  const explains = header.sections.some((/** @type {any} */ { origin }) => Boolean(origin));
  return { ...header, sections: header.sections.map(summarized), background, explains };
}

/** The section with summaries of its numbers. @param {any} section @returns {Section} */
function summarized({ values, ...section }) {
  if (section.kind === "picture") return { ...section, ...values };
  if (section.kind !== "tiles") return { ...section, ...values, limit: summarize(values.values).limit };
  return { ...section, ...blockOf(values, section.limits), beside: section.beside && blockOf(section.beside) };
}

/** @param {NumberArray} array @param {number[]} limits of the tiles' colour scales, if not their own @returns {Block} */
export function blockOf(array, limits = []) {
  const summaries = Array.from({ length: array.shape[0] }, (_, index) => {
    const summary = summarize(tileValues(array, index));
    return { ...summary, limit: limits[index] ?? summary.limit };
  });
  return { ...array, summaries, limit: largestLimit(summaries) };
}

/** The values of one tile, (k, h, w) flattened. @param {NumberArray} block @param {number} index */
export function tileValues({ shape, values }, index) {
  const size = shape[1] * shape[2] * shape[3];
  return values.subarray(index * size, (index + 1) * size);
}

/** @param {Block} block @param {number} index @param {boolean} shared one colour scale for all tiles */
export const tileLimit = (block, index, shared) => (shared ? block.limit : block.summaries[index].limit);

/** A text that is equal for two messages if they can use the same elements. @param {Message} message */
export function structureOf({ sections, tile, columns }) {
  const shapes = sections.map((section) => {
    const { kind, name, shape } = section;
    const origin = section.kind === "picture" ? null : section.origin?.kind;
    return section.kind === "tiles"
      ? [kind, name, shape, origin, section.shown, section.beside?.shape, section.rgb]
      : [kind, name, shape, origin];
  });
  return JSON.stringify([tile, columns, shapes]);
}

/** @param {Message} message @param {string} name */
export function findSection(message, name) {
  return message.sections.find((section) => section.name === name) ?? null;
}

/** How many maps (or channels, or units) a section has, and the rows and columns of each. @param {Section} section */
export function extent({ kind, shape }) {
  if (kind === "picture") return { count: shape[2], height: shape[0], width: shape[1] };
  if (kind === "tiles") return { count: shape[0], height: shape[2], width: shape[3] };
  return { count: shape[0], height: 1, width: 1 };
}

/** Whether the message has such a number. @param {Message} message @param {Address|null} address */
export function exists(message, address) {
  const section = address && findSection(message, address.section);
  if (!section) return false;
  const { count, height, width } = extent(section);
  return address.index < count && address.row < height && address.column < width;
}

/** @param {Address|null} one @param {Address|null} other */
export function sameAddress(one, other) {
  if (!one || !other) return one === other;
  const { section, index, row, column } = one;
  return section === other.section && index === other.index && row === other.row && column === other.column;
}

/**
 * A number as PyTorch has it: pixels as the network gets them, percentages as fractions.
 * @param {Section} section
 * @param {{index: number, row: number, column: number}} address
 */
export function valueAt(section, { index, row, column }) {
  const { kind, shape, values } = section;
  if (kind === "picture") {
    const pixel = Math.fround(values[(row * shape[1] + column) * shape[2] + index] / 255);
    const centred = Math.fround(pixel - Math.fround(section.mean[index]));
    return Math.fround(centred / Math.fround(section.spread[index]));
  }
  if (kind === "tiles") return values[(index * shape[2] + row) * shape[3] + column];
  return kind === "bars" && section.unit === "%" ? values[index] / 100 : values[index];
}

/** The brightness, 0..1, of a pixel that the network gets as this number. @param {Picture} picture @param {number} index
 * @param {number} number */
export function brightness({ mean, spread }, index, number) {
  return number * spread[index] + mean[index];
}

/**
 * The place of a map's largest magnitude; the first place of a tile with several panes.
 * @param {Section} section
 * @param {number} index
 * @returns {Address}
 */
export function strongestPlace(section, index) {
  const { width } = extent(section);
  let best = 0;
  if (section.kind === "tiles" && section.shape[1] === 1) {
    const values = tileValues(section, index);
    for (let at = 1; at < values.length; at++) if (Math.abs(values[at]) > Math.abs(values[best])) best = at;
  }
  return { section: section.name, index, row: Math.floor(best / width), column: best % width };
}

/** The name of a number: its section, and its map, unit or class. @param {Section} section @param {{index: number}} address */
export function addressName(section, { index }) {
  if (section.kind === "picture") return section.name;
  const label = section.kind === "strip" ? undefined : section.labels[index];
  return `${section.name} · ${label ?? index}`;
}

/** The names of the numbers that the message has. @param {Message} message @param {Address[]} addresses */
export function addressNames(message, addresses) {
  return addresses.flatMap((address) => {
    const section = findSection(message, address.section);
    return section ? [addressName(section, address)] : [];
  });
}

/** The name of a channel of an image. @param {Picture} picture @param {number} index */
export function channelName({ name, shape }, index) {
  return shape[2] === 3 ? `${name}, ${CHANNEL_NAMES[index]}` : name;
}

/**
 * The place of a number in its map; empty for a vector.
 * @param {Section} section
 * @param {{index: number, row: number, column: number}} address
 */
export function addressPlace({ kind, shape }, { index, row, column }) {
  if (kind === "bars" || kind === "strip") return "";
  const channel = kind === "picture" && shape[2] === 3 ? `, ${CHANNEL_NAMES[index]}` : "";
  return `row ${row}, column ${column}${channel}`;
}
