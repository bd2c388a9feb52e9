// @ts-check
// The geometry of a tile: k panes of h x w cells in a near-square arrangement, and where it lies on the input image.

import { NO_COLOUR, pixel } from "../common/color.js";

/**
 * @typedef {import("../common/dom.js").Box} Box
 * @typedef {import("./sections.js").Geometry} Geometry
 *
 * @typedef {object} Mosaic all lengths in device pixels
 * @property {number} panes
 * @property {number} h rows of a pane
 * @property {number} w columns of a pane
 * @property {number} across panes side by side
 * @property {number} cell length of a side of a cell, a whole number
 * @property {number} gap between panes
 * @property {number} width
 * @property {number} height
 *
 * @typedef {{pane: number, row: number, column: number}} Cell
 */

/**
 * @param {number} panes
 * @param {number} h
 * @param {number} w
 * @param {number} cell
 * @param {number} gap
 * @returns {Mosaic}
 */
export function arrange(panes, h, w, cell, gap) {
  const across = Math.ceil(Math.sqrt(panes));
  const down = Math.ceil(panes / across);
  /** @param {number} count @param {number} cells */
  const length = (count, cells) => count * cells * cell + (count - 1) * gap;
  return { panes, h, w, across, cell, gap, width: length(across, w), height: length(down, h) };
}

/**
 * The cell size with which the mosaic's longer side comes nearest to `target`, or with Math.floor not above it.
 * @param {number} panes
 * @param {number} h
 * @param {number} w
 * @param {number} target
 * @param {number} gap
 */
export function cellFor(panes, h, w, target, gap, round = Math.round) {
  const unit = arrange(panes, h, w, 1, 0);
  const across = unit.across;
  const down = Math.ceil(panes / across);
  const wide = (target - (across - 1) * gap) / unit.width;
  const high = (target - (down - 1) * gap) / unit.height;
  return Math.max(1, round(Math.min(wide, high)));
}

/** Top left corner of a cell. @param {Mosaic} mosaic @param {number} pane @param {number} row @param {number} column */
export function corner({ across, cell, gap, h, w }, pane, row, column) {
  return {
    x: (pane % across) * (w * cell + gap) + column * cell,
    y: Math.floor(pane / across) * (h * cell + gap) + row * cell,
  };
}

/** The cell under a point, or null between panes. @param {Mosaic} mosaic @param {number} x @param {number} y @returns {Cell|null} */
export function cellAt({ across, cell, gap, h, w, panes }, x, y) {
  const paneX = Math.floor(x / (w * cell + gap));
  const paneY = Math.floor(y / (h * cell + gap));
  const column = Math.floor((x - paneX * (w * cell + gap)) / cell);
  const row = Math.floor((y - paneY * (h * cell + gap)) / cell);
  const pane = paneY * across + paneX;
  const onPane = paneX >= 0 && paneX < across && pane >= 0 && pane < panes;
  return onPane && row < h && column < w ? { pane, row, column } : null;
}

export const GAP_COLOUR = pixel(128, 128, 128); // neither a colour of a scale nor a theme's background

/**
 * One pixel per cell, enlarged to the mosaic's size. A place without a pane or without a colour stays transparent.
 * @param {Mosaic} mosaic
 * @param {ArrayLike<number>} colours
 */
export function enlarge(mosaic, colours) {
  const { cell, h, w, width, height, panes } = mosaic;
  const pixels = new Uint32Array(width * height);
  for (let pane = 0, at = 0; pane < panes; pane++) {
    if (panes > 1) fillFrame(mosaic, pane, pixels);
    for (let row = 0; row < h; row++) {
      const { x, y } = corner(mosaic, pane, row, 0);
      const start = y * width + x;
      for (let column = 0; column < w; column++, at++) {
        pixels.fill(colours[at], start + column * cell, start + (column + 1) * cell);
      }
      for (let line = 1; line < cell; line++) pixels.copyWithin(start + line * width, start, start + w * cell);
    }
  }
  hatchNonFiniteCells(mosaic, colours, pixels);
  return pixels;
}

/** Fills the place of a pane and the gaps to its right and below it. @param {Mosaic} mosaic @param {number} pane @param {Uint32Array} pixels */
function fillFrame(mosaic, pane, pixels) {
  const { cell, gap, h, w, width, height } = mosaic;
  const { x, y } = corner(mosaic, pane, 0, 0);
  const right = Math.min(x + w * cell + gap, width);
  const bottom = Math.min(y + h * cell + gap, height);
  for (let line = y; line < bottom; line++) pixels.fill(GAP_COLOUR, line * width + x, line * width + right);
}

const HATCH = [pixel(255, 0, 255), pixel(64, 0, 64)];

/** Cells without a number: magenta stripes, which no scale contains. @param {Mosaic} mosaic @param {ArrayLike<number>} colours @param {Uint32Array} pixels */
function hatchNonFiniteCells(mosaic, colours, pixels) {
  const { cell, h, w, width } = mosaic;
  for (let at = 0; at < colours.length; at++) {
    if (colours[at] !== NO_COLOUR) continue;
    const pane = Math.floor(at / (h * w));
    const { x, y } = corner(mosaic, pane, Math.floor((at % (h * w)) / w), at % w);
    for (let line = y; line < y + cell; line++) {
      for (let column = x; column < x + cell; column++) {
        pixels[line * width + column] = HATCH[((line + column) >> 1) & 1];
      }
    }
  }
}

/**
 * The part of the image that one value of a map depends on, clipped to the image.
 * @param {Geometry} geometry
 * @param {[row: number, column: number]} place of the value
 * @param {[height: number, width: number]} image
 * @returns {Box}
 */
export function receptiveField([offset, jump, field], place, image) {
  // Coordinates count from the centre of the first pixel, edges from its border: hence the half.
  const [[top, height], [left, width]] = place.map((i, side) => {
    const centre = offset[side] + i * jump[side] + 0.5;
    /** @param {number} edge */
    const clip = (edge) => Math.max(0, Math.min(image[side], edge));
    const from = clip(centre - field[side] / 2);
    return [from / image[side], (clip(centre + field[side] / 2) - from) / image[side]];
  });
  return { left, top, width, height };
}

/**
 * The place of a whole map on the image: each value covers the pixels around its centre, as many as it is from there to
 * the next one. A value without a next one, as after global pooling, covers all that it depends on.
 * @param {Geometry|null} geometry null: the whole image
 * @param {[height: number, width: number]} map
 * @param {[height: number, width: number]} image
 * @returns {Box}
 */
export function placeOnImage(geometry, map, image) {
  if (!geometry) return { left: 0, top: 0, width: 1, height: 1 };
  const [offset, jump, field] = geometry;
  const [[top, height], [left, width]] = map.map((cells, side) => {
    const covered = cells === 1 ? Math.min(field[side], image[side]) : jump[side];
    return [(offset[side] + 0.5 - covered / 2) / image[side], (cells * covered) / image[side]];
  });
  return { left, top, width, height };
}
