// @ts-check
// Formats numbers, and summarizes arrays of them.

export const MINUS = "\u2212";

/** A value with four significant digits; in words if it is not finite. @param {number} value */
export function fourDigits(value) {
  if (Number.isNaN(value)) return "not a number (NaN)";
  if (!Number.isFinite(value)) return value > 0 ? "infinite" : `${MINUS}infinite`;
  return value === 0 ? "0" : value.toPrecision(4).replaceAll("-", MINUS);
}

/** A value with at most three significant digits and no trailing zeros, for scales and bars. @param {number} value */
export function threeDigits(value) {
  if (!Number.isFinite(value)) return fourDigits(value);
  return String(Number(value.toPrecision(3))).replaceAll("-", MINUS);
}

/** A value for a small cell, with that many decimals and no leading zero, as in −.25. @param {number} value @param {number} decimals */
export function cellText(value, decimals) {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return "?";
  const text = Math.abs(value).toFixed(decimals).replace(/^0\./, ".");
  return (value < 0 && Number(text) !== 0 ? MINUS : "") + text;
}

/** All digits of a number. @param {number} value */
export function allDigits(value) {
  return String(value).replaceAll("-", MINUS);
}

/** A count with commas between thousands. @param {number} count */
export const grouped = (count) => count.toLocaleString("en-US");

/** No line breaks it in two. @param {number} fraction */
export const percent = (fraction) => `${threeDigits(100 * fraction)}\u00a0%`;

/** A probability in percent, as precise as one can read it. @param {number} value from 0 to 100 */
export function probabilityText(value) {
  if (!Number.isFinite(value)) return fourDigits(value);
  if (value > 99.9) return "> 99.9 %"; // a softmax is never quite sure
  return value > 0 && value < 0.1 ? "< 0.1 %" : `${value.toFixed(1)} %`;
}

/** @param {string} text @param {string} unit may be empty */
export const withUnit = (text, unit) => (unit ? `${text} ${unit}` : text);

/** @param {ArrayLike<number>} numbers */
export function sumOf(numbers) {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i];
  return sum;
}

/**
 * @typedef {{min: number, max: number, mean: number, limit: number, nonFinite: number}} Summary
 * min, max and mean of the finite values; limit: their largest magnitude; nonFinite: the number of NaN and infinities.
 */

/** @param {ArrayLike<number>} values @returns {Summary} */
export function summarize(values) {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let nonFinite = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value - value !== 0) { // only for NaN and infinities; faster than Number.isFinite
      nonFinite++;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  const finite = values.length - nonFinite;
  if (finite === 0) return { min: NaN, max: NaN, mean: NaN, limit: 0, nonFinite };
  return { min, max, mean: sum / finite, limit: Math.max(Math.abs(min), Math.abs(max)), nonFinite };
}

/** The summary as text. @param {Summary} summary */
export function summaryText({ min, mean, max, nonFinite }) {
  const numbers = `minimum ${fourDigits(min)}, mean ${fourDigits(mean)}, maximum ${fourDigits(max)}`;
  return nonFinite ? `${numbers}, ${nonFinite} not finite` : numbers;
}

/** @param {Summary[]} summaries */
export function largestLimit(summaries) {
  return summaries.reduce((limit, summary) => Math.max(limit, summary.limit), 0);
}

/** The indices of the finite values, largest value first. @param {ArrayLike<number>} values */
export function ranking(values) {
  const places = Array.from(values, (_, at) => at).filter((at) => Number.isFinite(values[at]));
  return places.sort((one, other) => values[other] - values[one]);
}
