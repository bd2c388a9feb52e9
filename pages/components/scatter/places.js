// @ts-check
// Where points lie on the drawing, and which of them is meant.

/** @typedef {{x: number, y: number}} Place in the drawing's own units */

/**
 * The places of points in a drawing of that size, which they fill; y grows upwards. `place` finds that of other points.
 * @param {ArrayLike<number>} points x, y, x, y, ...
 * @param {number} width
 * @param {number} height
 * @param {number} margin
 * @returns {{places: Place[], place: (x: number, y: number) => Place}}
 */
export function placed(points, width, height, margin) {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (let i = 0; i < points.length; i++) {
    low[i % 2] = Math.min(low[i % 2], points[i]);
    high[i % 2] = Math.max(high[i % 2], points[i]);
  }
  const sizes = [width - 2 * margin, height - 2 * margin];
  /** @param {number} value @param {0|1} axis the share of the way from the lowest to the highest */
  const share = (value, axis) => (high[axis] > low[axis] ? (value - low[axis]) / (high[axis] - low[axis]) : 0.5);
  /** @param {number} x @param {number} y */
  const place = (x, y) => ({ x: margin + sizes[0] * share(x, 0), y: height - margin - sizes[1] * share(y, 1) });
  const places = [];
  for (let i = 0; i + 1 < points.length; i += 2) places.push(place(points[i], points[i + 1]));
  return { places, place };
}

/**
 * The index of the place nearest to a point of the drawing; -1 if none is within `reach`.
 * @param {Place[]} places
 * @param {Place} at
 * @param {number} reach
 */
export function nearestTo(places, at, reach) {
  let best = -1;
  let least = reach ** 2;
  places.forEach(({ x, y }, i) => {
    const distance = (x - at.x) ** 2 + (y - at.y) ** 2;
    if (distance > least) return;
    least = distance;
    best = i;
  });
  return best;
}

/** @type {Record<string, [number, number]>} */
const DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/**
 * The index of the place that an arrow key leads to: the nearest one in that direction, within 45 degrees; -1 if there
 * is none.
 * @param {Place[]} places
 * @param {number} from an index
 * @param {string} key
 */
export function nextTo(places, from, key) {
  const direction = DIRECTIONS[key];
  if (!direction) return -1;
  let best = -1;
  let least = Infinity;
  places.forEach(({ x, y }, i) => {
    const ahead = (x - places[from].x) * direction[0] + (y - places[from].y) * direction[1];
    const aside = Math.abs((x - places[from].x) * direction[1]) + Math.abs((y - places[from].y) * direction[0]);
    if (ahead <= 0 || aside > ahead || ahead + 2 * aside >= least) return;
    least = ahead + 2 * aside;
    best = i;
  });
  return best;
}
