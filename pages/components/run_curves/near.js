// @ts-check
// Where curves are: their common range, and the one nearest to a point. Needs neither page nor canvas.

/**
 * @typedef {{shape: number[], values: ArrayLike<number>}} Numbers
 *
 * @typedef {object} Curve of one run
 * @property {string} name of the run
 * @property {string} color
 * @property {number[]} dash lengths of lines and gaps in pixels
 * @property {Numbers} x ascending
 * @property {Numbers} y
 * @property {Numbers|null} raw y before smoothing
 *
 * @typedef {{slope: number, start: number}} Scale pixels = start + slope * value
 */

/**
 * The lowest and the highest value; [0, 1] without any, and a range of some width if they are equal.
 * @param {ArrayLike<number>[]} lists @returns {[number, number]}
 */
export function range(lists) {
  let [low, high] = [Infinity, -Infinity];
  for (const values of lists) {
    for (let i = 0; i < values.length; i++) {
      if (values[i] < low) low = values[i];
      if (values[i] > high) high = values[i];
    }
  }
  if (low > high) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** The scale that puts one value at one place, and another at another. @returns {Scale}
 * @param {[number, number]} values @param {[number, number]} places in pixels */
export function scaleOf([low, high], [from, to]) {
  const slope = (to - from) / (high - low);
  return { slope, start: from - slope * low };
}

/**
 * The curve with the point nearest to a place, and which of its points that is; null if none is near enough.
 * @param {Curve[]} curves
 * @param {Scale} along
 * @param {Scale} up
 * @param {[number, number]} place in pixels
 * @param {number} reach in pixels
 */
export function nearest(curves, along, up, [left, top], reach) {
  let [best, found] = [reach * reach, /** @type {{curve: number, point: number}|null} */ (null)];
  curves.forEach(({ x, y }, curve) => {
    for (let point = 0; point < x.values.length; point++) {
      const [dx, dy] = [along.start + along.slope * x.values[point] - left, up.start + up.slope * y.values[point] - top];
      const distance = dx * dx + dy * dy;
      if (distance < best) [best, found] = [distance, { curve, point }];
    }
  });
  return found;
}
