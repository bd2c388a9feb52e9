// @ts-check
// The geometry of a tile: k panes of h x w cells in a nearly square arrangement, and its place on the input image.

import { NO_COLOUR, pixel } from "../common/color.js";

/**
 * @typedef {import("../common/dom.js").Box} Box
 * @typedef {import("./sections.js").Geometry} Geometry
 *
 * @typedef {object} Mosaic all lengths in device pixels
 * @property {number} panes
 * @property {number} h rows of a pane
 * @property {number} w columns of a pane
 * @property {number} across panes in a row
 * @property {number} cell side of a cell, a whole number
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
 * The cell size for which the mosaic's longer side is closest to `target`; with Math.floor, at most `target`. A single
 * pane is never less than three quarters as large.
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
  const side = Math.min(wide, high);
  const rounded = panes === 1 && round(side) < 0.75 * side ? Math.ceil(side) : round(side);
  return Math.max(1, rounded);
}

/**
 * The number of columns with which tiles fill their rows most evenly: as few rows as fit, all about equally long.
 * @param {number} tiles
 * @param {number} width of a tile
 * @param {number} gap between tiles
 * @param {number} room for a row
 */
export function evenColumns(tiles, width, gap, room) {
  const most = Math.max(1, Math.floor((room + gap) / (width + gap)));
  return Math.max(1, Math.ceil(tiles / Math.ceil(tiles / most)));
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

export const GAP_COLOUR = pixel(128, 128, 128); // in no colour scale, and no theme's background

/**
 * Enlarges one pixel per cell to the mosaic's size. Where there is no pane or no colour, it stays transparent.
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

/** Fills a pane and the gaps to its right and below it. @param {Mosaic} mosaic @param {number} pane @param {Uint32Array} pixels */
function fillFrame(mosaic, pane, pixels) {
  const { cell, gap, h, w, width, height } = mosaic;
  const { x, y } = corner(mosaic, pane, 0, 0);
  const right = Math.min(x + w * cell + gap, width);
  const bottom = Math.min(y + h * cell + gap, height);
  for (let line = y; line < bottom; line++) pixels.fill(GAP_COLOUR, line * width + x, line * width + right);
}

const HATCH = [pixel(255, 0, 255), pixel(64, 0, 64)];

/** Draws magenta stripes, which no scale contains, in cells whose value is not finite. @param {Mosaic} mosaic @param {ArrayLike<number>} colours @param {Uint32Array} pixels */
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
 * The receptive field of one value of a map, clipped to the image.
 * @param {Geometry} geometry
 * @param {[row: number, column: number]} place of the value
 * @param {[height: number, width: number]} image
 * @returns {Box}
 */
export function receptiveField([offset, jump, field], place, image) {
  // The offset counts from the centre of the first pixel, the box from its border: hence + 0.5.
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
 * The place of a whole map on the image: each value covers `jump` pixels around its centre. A single value, as after
 * global pooling, covers its whole receptive field.
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
