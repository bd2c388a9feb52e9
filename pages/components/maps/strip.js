// @ts-check
// The layout of a long vector as a strip.

const STRIP_HEIGHT = 130; // CSS pixels; longer vectors get smaller cells
const STRIP_CELLS = [10, 8, 6, 5, 4, 3, 2, 1];

/** The cell size, and the cells per row, with which `count` cells fill the width but not more than the strip's height. @param {number} count @param {number} width */
export function wrapStrip(count, width) {
  /** @param {number} cell */
  const perRow = (cell) => Math.max(1, Math.floor(width / cell));
  const cell = STRIP_CELLS.find((size) => Math.ceil(count / perRow(size)) * size <= STRIP_HEIGHT) ?? 1;
  return { cell, perRow: Math.min(count, perRow(cell)) };
}
