// @ts-check
// Which lines of parallel coordinates are kept, and which is nearest to a point. Needs neither page nor canvas.

/** @typedef {[number, number]|null} Kept the part of an axis that is kept, low and high; null: all of it */

/**
 * Whether each line passes through the kept part of every axis.
 * @param {ArrayLike<number>[]} values of each axis, one for each line
 * @param {Kept[]} kept of each axis
 * @param {number} lines
 */
export function passing(values, kept, lines) {
  return Array.from({ length: lines }, (_, line) =>
    kept.every((part, axis) => !part || (values[axis][line] >= part[0] && values[axis][line] <= part[1])),
  );
}

/**
 * The line nearest to a point, measured up and down; -1 if none is within reach.
 * @param {number[]} places of the axes, from left to right
 * @param {ArrayLike<number>[]} heights of each axis: where each line crosses it
 * @param {[number, number]} point
 * @param {number} reach
 * @param {(line: number) => boolean} counts whether a line may be found
 */
export function nearestLine(places, heights, [x, y], reach, counts = () => true) {
  const right = places.findIndex((place) => place >= x);
  const after = right === -1 ? places.length - 1 : Math.max(1, right);
  if (after < 1 || x < places[0] - reach || x > places[places.length - 1] + reach) return -1;
  const share = Math.min(1, Math.max(0, (x - places[after - 1]) / (places[after] - places[after - 1])));
  let [best, least] = [-1, reach];
  for (let line = 0; line < heights[after].length; line++) {
    const height = heights[after - 1][line] + share * (heights[after][line] - heights[after - 1][line]);
    const distance = Math.abs(height - y);
    if (distance < least && counts(line)) [best, least] = [line, distance];
  }
  return best;
}
