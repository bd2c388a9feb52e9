// @ts-check
// Computes the columns, ranges and label positions of learning curves. Needs neither page nor canvas.

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {number[]} x
 * @property {number[]} y
 * @property {string} color
 * @property {number} width
 * @property {number} opacity
 * @property {""|"open"|"filled"} marks
 *
 * A chart of learning curves, as cnn/figures/curves.py describes it.
 * @typedef {object} CurveData
 * @property {string} x name of the axis
 * @property {string} y name of the axis
 * @property {boolean} percent
 * @property {Line[]} lines
 * @property {[number|null, number|null]} x_range null: as far as the data
 * @property {[number|null, number|null]} y_range
 * @property {{y: number, text: string}|null} cut set if few values are far above the others
 * @property {{x: number, y: number, text: string}|null} best
 * @property {{y: number, text: string, color: string}[]} levels
 * @property {{x: number, text: string}[]} changes
 *
 * @typedef {(number|undefined)[]} Column
 * @typedef {[number, number]} Point x and y
 * @typedef {{left: number, right: number, top: number, bottom: number}} Edges
 */

/**
 * Lines with different x as uPlot takes them: all x, then for each line its value at each x, or undefined.
 * @param {{x: number[], y: number[]}[]} lines
 * @returns {[number[], ...Column[]]}
 */
export function aligned(lines) {
  const xs = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
  const indices = new Map(xs.map((x, i) => [x, i]));
  const columns = lines.map((line) => {
    /** @type {Column} */
    const column = new Array(xs.length);
    line.x.forEach((x, i) => (column[/** @type {number} */ (indices.get(x))] = line.y[i]));
    return column;
  });
  return [xs, ...columns];
}

/** The index nearest to `at` at which the column has a value; null if it has none. @param {Column} column @param {number} at */
export function nearest(column, at) {
  for (let distance = 0; distance < column.length; distance += 1) {
    if (column[at - distance] !== undefined) return at - distance;
    if (column[at + distance] !== undefined) return at + distance;
  }
  return null;
}

/** The width, in pixels, over which lines run through a box, summed over the lines. @param {Point[][]} lines @param {Edges} box */
export function covered(lines, { left, right, top, bottom }) {
  let sum = 0;
  for (const points of lines) {
    for (let i = 1; i < points.length; i += 1) {
      const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
      const [from, to] = [Math.max(x0, left), Math.min(x1, right)];
      if (from >= to) continue;
      const ends = [from, to].map((at) => y0 + ((at - x0) / (x1 - x0)) * (y1 - y0));
      if (Math.max(...ends) >= top && Math.min(...ends) <= bottom) sum += to - from;
    }
  }
  return sum;
}

/**
 * The range of an axis: its fixed ends if it has any, else those of the data, with some room above.
 * @param {[number|null, number|null]} ends
 * @param {number|null} low of the data; null if there are none
 * @param {number|null} high
 * @param {number} room above the data, as a fraction of the range
 * @returns {[number, number]}
 */
export function ranged([from, to], low, high, room) {
  const bottom = from ?? low ?? 0;
  const top = to ?? high ?? 1;
  return [bottom, top > bottom ? top + (to === null ? room * (top - bottom) : 0) : bottom + 1];
}

/** Possible distances between ticks of an axis of whole numbers. */
export function wholeSteps() {
  return Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
}

// Possible positions of a text near its point: its anchor is `aside` px to the right of the point, and the fraction
// `before` of its width is left of the anchor.
/** @type {{align: CanvasTextAlign, aside: number, before: number}[]} */
const ASIDE = [
  { align: "left", aside: 10, before: 0 },
  { align: "right", aside: -10, before: 1 },
  { align: "center", aside: 0, before: 0.5 },
];
const BELOW = [22, -12, 40, 58]; // px from the point down to the baseline of the text
const ASCENT = 13; // px of the letters above the baseline
const DESCENT = 4; // px of the letters below the baseline
const MARK = 4; // px of a mark above and below its line

/**
 * The position of a text near a point, above or below it, where it covers the lines least.
 * @param {Point} point
 * @param {number} width of the text
 * @param {Point[][]} lines
 * @param {Edges} frame in which the text should stay
 * @param {number} px canvas pixels per CSS pixel
 */
export function clearPosition([x, y], width, lines, frame, px) {
  const positions = ASIDE.flatMap(({ align, aside, before }) =>
    BELOW.map((below) => {
      const baseline = { x: x + aside * px, y: y + below * px };
      const box = boxOf(baseline, before, width, px);
      const isIn =
        box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
      const distance = (Math.abs(below) * px) / 2;
      return { align, baseline, cost: covered(lines, box) + distance + (isIn ? 0 : frame.right - frame.left) };
    }),
  );
  return positions.reduce((one, other) => (other.cost < one.cost ? other : one));
}

/**
 * The box around a text. @param {{x: number, y: number}} baseline @param {number} before fraction of the width left of x
 * @param {number} width @param {number} px @returns {Edges}
 */
function boxOf(baseline, before, width, px) {
  const left = baseline.x - before * width;
  return { left, right: left + width, top: baseline.y - ASCENT * px, bottom: baseline.y + DESCENT * px };
}

/** Lines that fill a box: what avoids them avoids the box. @param {Edges} box @returns {Point[][]} */
export function asLines({ left, right, top, bottom }) {
  return [top, (top + bottom) / 2, bottom].map((y) => [[left, y], [right, y]]);
}

/**
 * The position of the text of a horizontal level: at its right or left end, near it above or below, where it covers the
 * lines and their marks least.
 * @param {number} height of the level
 * @param {number} width of the text
 * @param {Point[][]} lines
 * @param {Edges} frame in which the text should stay
 * @param {number} px canvas pixels per CSS pixel
 */
export function levelPosition(height, width, lines, frame, px) {
  /** @type {{align: CanvasTextAlign, x: number, before: number}[]} */
  const ends = [
    { align: "right", x: frame.right - 2 * px, before: 1 },
    { align: "left", x: frame.left + 4 * px, before: 0 },
  ];
  const positions = ends.flatMap(({ align, x, before }, i) =>
    [-5, 15, -21, 31].map((below, j) => {
      const baseline = { x, y: height + below * px };
      const box = boxOf(baseline, before, width, px);
      const isIn = box.top >= frame.top && box.bottom <= frame.bottom;
      const cleared = { ...box, top: box.top - MARK * px, bottom: box.bottom + MARK * px };
      return { align, baseline, box, cost: covered(lines, cleared) + i + 2 * j + (isIn ? 0 : frame.right - frame.left) };
    }),
  );
  return positions.reduce((one, other) => (other.cost < one.cost ? other : one));
}

/** A number in the legend. @param {number} value @param {boolean} isPercent */
export function legendNumber(value, isPercent) {
  return isPercent ? `${(100 * value).toFixed(1)} %` : value.toFixed(4);
}
