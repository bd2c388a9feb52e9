// @ts-check
// The colours of a tile, and the hint for the cell under the pointer. Pure functions.

import { colourize, colourizeRgb, swatchColour } from "../common/color.js";
import { fourDigits } from "../common/numbers.js";
import { tileLimit, tileValues } from "./sections.js";

/**
 * @typedef {import("./mosaic.js").Cell} Cell
 * @typedef {import("./sections.js").Block} Block
 * @typedef {import("./sections.js").Tiles} Tiles
 * @typedef {import("./tooltip.js").Hint} Hint
 * @typedef {{signed: boolean, rgb: boolean, shared: boolean}} Style shared: one colour scale for all tiles
 */

/** The number of drawn panes: a colour picture has one pane for its three channels. @param {Block} block @param {boolean} rgb */
export const panesOf = (block, rgb) => (rgb ? 1 : block.shape[1]);

/** The style of the companions beside tiles. @param {Tiles} section @param {boolean} shared @returns {Style} */
export const companionStyle = (section, shared) => ({ signed: true, rgb: section.besideRgb, shared });

/** The colours of one tile. block: a section of tiles, or its companions. @param {Block} block @param {number} index @param {Style} style */
export function tileColours(block, index, { signed, rgb, shared }) {
  const values = tileValues(block, index);
  const limit = tileLimit(block, index, shared);
  return rgb ? colourizeRgb(values, limit) : colourize(values, signed, limit);
}

/**
 * @param {Block} block
 * @param {number} index
 * @param {Cell} cell
 * @param {Style} style
 * @param {string} name
 * @returns {Hint}
 */
function cellHint(block, index, { pane, row, column }, { signed, rgb, shared }, name) {
  const [, k, h, w] = block.shape;
  const values = tileValues(block, index);
  const at = row * w + column;
  const place = `row ${row}, column ${column}`;
  if (rgb) {
    const [red, green, blue] = [0, 1, 2].map((channel) => fourDigits(values[channel * h * w + at]));
    return { value: `R ${red}  G ${green}  B ${blue}`, name, place };
  }
  const value = values[pane * h * w + at];
  const [colour] = colourize([value], signed, tileLimit(block, index, shared));
  return {
    value: fourDigits(value),
    name,
    place: k > 1 ? `${place} · input channel ${pane}` : place,
    colour: swatchColour(colour),
  };
}

/** @param {Tiles} section @param {number} index @param {Cell} cell @param {boolean} shared @returns {Hint} */
export function tileHint(section, index, cell, shared) {
  const { signed, rgb, labels, name } = section;
  const hint = cellHint(section, index, cell, { signed, rgb, shared }, `${name} · ${labels[index]}`);
  return { ...hint, address: { section: name, index, row: cell.row, column: cell.column } };
}

/** @param {Tiles} section @param {number} index @param {Cell} cell @param {boolean} shared @returns {Hint|null} */
export function companionHint(section, index, cell, shared) {
  if (!section.beside) return null;
  const name = `filter of ${section.name} · ${section.labels[index]}`;
  return cellHint(section.beside, index, cell, companionStyle(section, shared), name);
}
