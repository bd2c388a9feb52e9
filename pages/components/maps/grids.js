// @ts-check
// How large the grids of a convolution are drawn. Pure computing.

const SPACE_BETWEEN = 20; // CSS pixels between two grids, where the sign is; maps.css has the same
const LARGEST_CELL = 40; // CSS pixels
const SMALLEST_CELL = 24; // CSS pixels that a number needs
const LARGEST_HEIGHT = 210; // CSS pixels: so that a grid fits into the panel of a low window

/**
 * The side of a cell in CSS pixels, not rounded: so that a number fits into it, if it can, and patch, kernel and products
 * side by side, in pairs or one below the other, into the panel.
 * @param {[rows: number, columns: number]} kernel
 * @param {number} width CSS pixels there are
 */
export function cellSide([rows, columns], width) {
  const perLine = columns <= 3 ? 3 : columns <= 5 ? 2 : 1;
  const room = (width - (perLine - 1) * SPACE_BETWEEN) / (perLine * columns);
  const most = Math.min(LARGEST_CELL, Math.max(SMALLEST_CELL, LARGEST_HEIGHT / rows));
  return Math.max(1, Math.min(most, room));
}
