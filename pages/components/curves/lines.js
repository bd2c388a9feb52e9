// @ts-check
// The numbers of learning curves: columns, ranges, and where a text covers least. No page, no canvas.

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
 * @property {[number|null, number|null]} x_range null: the end of the data
 * @property {[number|null, number|null]} y_range
 * @property {{y: number, text: string}|null} cut where few values lie far above the others
 * @property {{x: number, y: number, text: string}|null} best
 * @property {{y: number, text: string, color: string}[]} levels
 * @property {{x: number, text: string}[]} changes
 *
 * @typedef {(number|undefined)[]} Column
 * @typedef {[number, number]} Point x and y
 * @typedef {{left: number, right: number, top: number, bottom: number}} Edges
 */

/**
 * Lines of different places as uPlot takes them: all places, and for each line its value there or undefined.
 * @param {{x: number[], y: number[]}[]} lines
 * @returns {[number[], ...Column[]]}
 */
export function aligned(lines) {
  const places = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
  const at = new Map(places.map((place, i) => [place, i]));
  const columns = lines.map((line) => {
    /** @type {Column} */
    const column = new Array(places.length);
    line.x.forEach((place, i) => (column[/** @type {number} */ (at.get(place))] = line.y[i]));
    return column;
  });
  return [places, ...columns];
}

/** The place nearest to `at` where the column has a value; null if it has none. @param {Column} column @param {number} at */
export function nearest(column, at) {
  for (let far = 0; far < column.length; far += 1) {
    if (column[at - far] !== undefined) return at - far;
    if (column[at + far] !== undefined) return at + far;
  }
  return null;
}

/** Over how many pixels, from left to right, lines run through a box. @param {Point[][]} lines @param {Edges} box */
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
 * The range of an axis: its fixed ends where it has them, else those of the data, with some room above.
 * @param {[number|null, number|null]} ends
 * @param {number|null} low of the data; null if there are none
 * @param {number|null} high
 * @param {number} room above the data, as a part of the range
 * @returns {[number, number]}
 */
export function ranged([from, to], low, high, room) {
  const bottom = from ?? low ?? 0;
  const top = to ?? high ?? 1;
  return [bottom, top > bottom ? top + (to === null ? room * (top - bottom) : 0) : bottom + 1];
}

/** Distances between ticks of an axis that counts. */
export function wholeSteps() {
  return Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
}

// Where a text may begin, beside what it is about: from there aside, with this part of it to the left of that.
/** @type {{align: CanvasTextAlign, aside: number, before: number}[]} */
const ASIDE = [
  { align: "left", aside: 10, before: 0 },
  { align: "right", aside: -10, before: 1 },
  { align: "center", aside: 0, before: 0.5 },
];
const BELOW = [22, -12, 40, 58]; // px from there to the line that the text stands on
const ASCENT = 13; // px that letters reach above that line
const DESCENT = 4; // px that they reach below it

/**
 * Where a text near a point, below or above it, lies on the least of the lines.
 * @param {Point} point
 * @param {number} width of the text
 * @param {Point[][]} lines
 * @param {Edges} frame that the text should not leave
 * @param {number} px canvas pixels to a CSS pixel
 */
export function clearPlace([x, y], width, lines, frame, px) {
  const places = ASIDE.flatMap(({ align, aside, before }) =>
    BELOW.map((below) => {
      const baseline = { x: x + aside * px, y: y + below * px };
      const left = baseline.x - before * width;
      const box = { left, right: left + width, top: baseline.y - ASCENT * px, bottom: baseline.y + DESCENT * px };
      const isIn =
        box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
      const far = (Math.abs(below) * px) / 2;
      return { align, baseline, cost: covered(lines, box) + far + (isIn ? 0 : frame.right - frame.left) };
    }),
  );
  return places.reduce((one, other) => (other.cost < one.cost ? other : one));
}

/** A number of a chart, for its legend. @param {number} value @param {boolean} isPercent */
export function legendNumber(value, isPercent) {
  return isPercent ? `${(100 * value).toFixed(1)}%` : value.toFixed(4);
}
