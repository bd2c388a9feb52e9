// @ts-check
// Computes the graph of a function, in coordinates of a drawing.

export const GRAPH = { width: 300, height: 132, margin: 8, points: 120 };

/**
 * points: of the curve. across and up: convert x and y to the drawing. low, high: the range of y. reach: x runs from
 * -reach to reach.
 * @param {(x: number) => number} apply
 * @param {number} x must be on the graph
 */
export function graphOf(apply, x) {
  const { width, height, margin, points } = GRAPH;
  const reach = Math.max(3, 1.25 * Math.abs(x));
  const xs = Array.from({ length: points + 1 }, (_, at) => reach * ((2 * at) / points - 1));
  const ys = xs.map(apply);
  const [low, high] = [Math.min(0, ...ys), Math.max(0, ...ys)];
  const span = high - low || 1;
  /** @param {number} value */
  const across = (value) => margin + ((value + reach) / (2 * reach)) * (width - 2 * margin);
  /** @param {number} value */
  const up = (value) => height - margin - ((value - low) / span) * (height - 2 * margin);
  return { reach, low, high, across, up, points: xs.map((at, i) => [across(at), up(ys[i])]) };
}
