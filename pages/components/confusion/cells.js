// @ts-check
// What the cells of a confusion matrix show: texts and shades.

import { grouped } from "../common/numbers.js";

/** The text in a cell: a count, or a share in percent; nothing for 0. @param {number} count @param {number} [share] 0..1 */
export function textOf(count, share) {
  if (count === 0) return "";
  return share === undefined ? grouped(count) : (100 * share).toFixed(0);
}

/**
 * The shade of each cell, 0..1: right answers (the diagonal) against the largest of them, mistakes against the largest
 * mistake.
 * @param {ArrayLike<number>} values (size, size)
 * @param {number} size classes
 */
export function shadesOf(values, size) {
  let right = 0;
  let wrong = 0;
  for (let at = 0; at < values.length; at++) {
    if (at % (size + 1) === 0) right = Math.max(right, values[at]);
    else wrong = Math.max(wrong, values[at]);
  }
  return Float32Array.from(values, (value, at) => {
    const largest = at % (size + 1) === 0 ? right : wrong;
    return largest > 0 ? value / largest : 0;
  });
}

/**
 * The counts of a matrix (size, size) with the sums of its rows, of its columns and of all: as a function of row and
 * column, where -1 is all.
 * @param {ArrayLike<number>} counts
 * @param {number} size
 */
export function summed(counts, size) {
  const side = size + 1;
  const sums = new Float64Array(side * side);
  for (let at = 0; at < counts.length; at++) {
    const row = Math.floor(at / size) + 1;
    const column = (at % size) + 1;
    for (const place of [row * side + column, row * side, column, 0]) sums[place] += counts[at];
  }
  /** @param {number} row @param {number} column */
  return (row, column) => sums[(row + 1) * side + column + 1];
}

/**
 * A part of the matrix in words.
 * @param {string|undefined} truth a class; undefined for all
 * @param {string|undefined} answer
 * @param {number} count
 * @param {number} [share] 0..1
 */
export function partText(truth, answer, count, share) {
  const images = `${grouped(count)} ${count === 1 ? "image" : "images"}`;
  if (truth === undefined) return answer === undefined ? `All: ${images}` : `Any class, called ${answer}: ${images}`;
  if (answer === undefined) return `${truth}, any answer: ${images}`;
  return `${truth}, called ${answer}: ${images}${share === undefined ? "" : `, ${(100 * share).toFixed(1)} %`}`;
}

/**
 * A place in the matrix: 0 is the line of the answers, or the names of the true classes, and stands for all of them.
 * @typedef {{row: number, column: number}} Place
 *
 * Sizes in pixels: size classes; of a cell; side, top: of the names, which stay in view; how far the rest is scrolled.
 * @typedef {{size: number, cell: number, side: number, top: number, scrollLeft: number, scrollTop: number}} Grid
 *
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 */

/**
 * The place at a point of what is in view; null beside the matrix.
 * @param {Grid} grid
 * @param {number} x
 * @param {number} y
 * @returns {Place|null}
 */
export function placeAt({ size, cell, side, top, scrollLeft, scrollTop }, x, y) {
  const column = x < side ? 0 : Math.floor((x - side + scrollLeft) / cell) + 1;
  const row = y < top ? 0 : Math.floor((y - top + scrollTop) / cell) + 1;
  return x >= 0 && y >= 0 && row <= size && column <= size ? { row, column } : null;
}

/**
 * Where a part of the matrix lies in its sheet. isHead: for a row, a column or all, the box of its name instead.
 * @param {Grid} grid
 * @param {Place} place
 * @returns {Box}
 */
export function boxOf({ size, cell, side, top, scrollLeft, scrollTop }, { row, column }, isHead = false) {
  const [left, width] = column ? [side + (column - 1) * cell, cell] : isHead ? [scrollLeft, side] : [side, size * cell];
  const [up, height] = row ? [top + (row - 1) * cell, cell] : isHead ? [scrollTop, top] : [top, size * cell];
  return { left, top: up, width, height };
}
