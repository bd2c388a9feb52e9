// The message from Python: 4 bytes header length, a JSON header, padding to 8 bytes, then the arrays.

/**
 * @typedef {object} Section one entry of the message's `sections`, arrays filled in:
 * @property {"tiles"|"bars"|"picture"|"strip"} kind
 * @property {string} name
 * @property {string} note
 * @property {number[]} shape of `values`: tiles (n, k, h, w), picture (h, w, c), bars and strip (n)
 * @property {Float32Array|Uint8Array} values
 * @property {{shape: number[], values: Float32Array}|null} [beside] the companions of tiles, (n, k2, h2, w2)
 * @property {number} [shown] tiles to draw, the first of all
 * @property {Origin|null} [origin] how its values come from those of another section; see explain.js
 * @property {Summary[]} [summaries] of each tile
 * @property {number} [limit] the largest magnitude in the section
 */

const ALIGNMENT = 8;

const TYPES = { u1: Uint8Array, "<f4": Float32Array, "<u4": Uint32Array };

/**
 * @typedef {object} Message
 * @property {Section[]} sections
 * @property {Section|null} background
 * @property {boolean} shared
 * @property {boolean} explains whether any section has an origin
 * @property {boolean} reports
 * @property {number} tile
 * @property {number|null} columns
 * @property {[string, number]|null} selected
 */

function sameBytes(a, b) {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** @returns {Message} */
function decode(message) {
  // The message may be a window into a longer buffer, at any offset; a copy starts at 0, as typed arrays need it.
  const bytes = message.slice();
  const headerEnd = 4 + new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, headerEnd)));
  const start = Math.ceil(headerEnd / ALIGNMENT) * ALIGNMENT;
  const array = ({ shape, offset, type }) => ({
    shape,
    values: new TYPES[type](bytes.buffer, start + offset, shape.reduce((a, b) => a * b, 1)),
  });
  const fillOrigin = (origin) => ({
    ...origin,
    numbers: Object.fromEntries(Object.entries(origin.numbers).map(([name, found]) => [name, array(found)])),
  });
  const fill = (section) => ({
    ...section,
    ...array(section.values),
    beside: section.beside && array(section.beside),
    origin: section.origin && fillOrigin(section.origin),
  });
  return {
    ...header,
    explains: header.sections.some((section) => section.origin),
    sections: header.sections.map((section) => describe(fill(section))),
    background: header.background && fill(header.background),
  };
}

/** The section with what is known about its numbers. */
function describe(section) {
  if (section.kind === "picture") return section;
  if (section.kind !== "tiles") return { ...section, limit: summarize(section.values).limit };
  return { ...summarizeTiles(section), beside: section.beside && summarizeTiles(section.beside) };
}

/** A block of tiles with what is known about each of them. */
function summarizeTiles(block) {
  const summaries = Array.from({ length: block.shape[0] }, (_, index) => summarize(tileValues(block, index)));
  return { ...block, summaries, limit: largestLimit(summaries) };
}

/** The values of one tile, (k, h, w) in a row, of a section or of its companions. */
function tileValues({ shape, values }, index) {
  const size = shape[1] * shape[2] * shape[3];
  return values.subarray(index * size, (index + 1) * size);
}

/** Two messages of equal structure can be drawn into the same elements. */
function structure({ sections, tile, columns }) {
  const shapes = sections.map(({ kind, name, shape, shown, beside, rgb, origin }) =>
    [kind, name, shape, shown, beside?.shape, rgb, origin?.kind]);
  return JSON.stringify([tile, columns, shapes]);
}
