// @ts-check
// Numbers for people: how they are written, and what is said about many at once.

export const MINUS = "\u2212";

/** A value with four significant digits, or its name when it is not a number. @param {number} value */
export function exact(value) {
  if (Number.isNaN(value)) return "not a number (NaN)";
  if (!Number.isFinite(value)) return value > 0 ? "infinite" : `${MINUS}infinite`;
  return value === 0 ? "0" : value.toPrecision(4).replaceAll("-", MINUS);
}

/** A value with as many digits as a scale or a bar needs: no trailing zeros. @param {number} value */
export function brief(value) {
  if (!Number.isFinite(value)) return exact(value);
  return String(Number(value.toPrecision(3))).replaceAll("-", MINUS);
}

/** A value for a small cell: so many decimals and no leading zero, as in −.25. @param {number} value @param {number} decimals */
export function cramped(value, decimals) {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return "?";
  const text = Math.abs(value).toFixed(decimals).replace(/^0\./, ".");
  return (value < 0 && Number(text) !== 0 ? MINUS : "") + text;
}

/** All digits of a number. @param {number} value */
export function spoken(value) {
  return String(value).replaceAll("-", MINUS);
}

/** A count with its thousands set apart. @param {number} count */
export const grouped = (count) => count.toLocaleString("en-US");

/** A part of one, as a percentage. @param {number} part */
export const percent = (part) => `${brief(100 * part)} %`;

/** @param {string} text @param {string} unit may be empty */
export const withUnit = (text, unit) => (unit ? `${text} ${unit}` : text);

/** @param {ArrayLike<number>} numbers */
export function sumOf(numbers) {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i];
  return sum;
}

/**
 * @typedef {{min: number, max: number, mean: number, limit: number, odd: number}} Summary
 * min, max and mean of the finite values; limit: the largest magnitude; odd: how many are NaN or infinite.
 */

/** @param {ArrayLike<number>} values @returns {Summary} */
export function summarize(values) {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let odd = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value - value !== 0) { // true for NaN and infinities only, and quicker than Number.isFinite
      odd++;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  const finite = values.length - odd;
  if (finite === 0) return { min: NaN, max: NaN, mean: NaN, limit: 0, odd };
  return { min, max, mean: sum / finite, limit: Math.max(Math.abs(min), Math.abs(max)), odd };
}

/** One line on many numbers. @param {Summary} summary */
export function spokenSummary({ min, mean, max, odd }) {
  const numbers = `minimum ${exact(min)}, mean ${exact(mean)}, maximum ${exact(max)}`;
  return odd ? `${numbers}, ${odd} not finite` : numbers;
}

/** @param {Summary[]} summaries */
export function largestLimit(summaries) {
  return summaries.reduce((limit, summary) => Math.max(limit, summary.limit), 0);
}

/** The places of the values, the largest first, without those that are not numbers. @param {ArrayLike<number>} values */
export function ranking(values) {
  const places = Array.from(values, (_, at) => at).filter((at) => Number.isFinite(values[at]));
  return places.sort((one, other) => values[other] - values[one]);
}
