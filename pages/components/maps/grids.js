// @ts-check
// Computes the size of the grids of a convolution.

const SPACE_BETWEEN = 20; // CSS pixels between two grids, for the sign; the same as in maps.css
const LARGEST_CELL = 40; // CSS pixels
const SMALLEST_CELL = 24; // CSS pixels: room for a number
const LARGEST_HEIGHT = 210; // CSS pixels: a grid fits the panel of a low window

/**
 * The side of a cell in CSS pixels, not rounded: if possible, so that a number fits the cell, and patch, kernel and
 * products fit the panel, three, two or one in a row.
 * @param {[rows: number, columns: number]} kernel
 * @param {number} width available CSS pixels
 */
export function cellSide([rows, columns], width) {
  const perLine = columns <= 3 ? 3 : columns <= 5 ? 2 : 1;
  const room = (width - (perLine - 1) * SPACE_BETWEEN) / (perLine * columns);
  const most = Math.min(LARGEST_CELL, Math.max(SMALLEST_CELL, LARGEST_HEIGHT / rows));
  return Math.max(1, Math.min(most, room));
}
