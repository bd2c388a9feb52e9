// The message from Python: 4 bytes header length, a JSON header, padding to 8 bytes, then the arrays.

/**
 * @typedef {object} Section one entry of the message's `sections`, arrays filled in:
 * @property {"tiles"|"bars"|"picture"|"strip"} kind
 * @property {string} name
 * @property {string} note
 * @property {number[]} shape of `values`: tiles (n, k, h, w), picture (h, w, c), bars and strip (n)
 * @property {Float32Array|Uint8Array} values
 * @property {{shape: number[], values: Float32Array}|null} [beside] the companions of tiles, (n, k2, h2, w2)
 * @property {Summary[]} [summaries] of each tile
 * @property {number} [limit] the largest magnitude in the section
 */

const ALIGNMENT = 8;

/** @returns {{sections: Section[], background: Section|null, shared: boolean, tile: number, columns: number|null}} */
function decode(message) {
  // The message may be a window into a longer buffer, at any offset; a copy starts at 0, as typed arrays need it.
  const bytes = message.slice();
  const headerEnd = 4 + new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, headerEnd)));
  const start = Math.ceil(headerEnd / ALIGNMENT) * ALIGNMENT;
  const array = ({ shape, offset }, Type) => ({
    shape,
    values: new Type(bytes.buffer, start + offset, shape.reduce((a, b) => a * b, 1)),
  });
  const fill = (section) => {
    const Type = section.kind === "picture" ? Uint8Array : Float32Array;
    const beside = section.beside && array(section.beside, Float32Array);
    return { ...section, ...array(section.values, Type), beside };
  };
  return {
    ...header,
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
  const shapes = sections.map(({ kind, name, shape, beside, rgb }) => [kind, name, shape, beside?.shape, rgb]);
  return JSON.stringify([tile, columns, shapes]);
}
