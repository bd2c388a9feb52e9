// Numbers for people: formatting, and what is said about many numbers at once.

const MINUS = "\u2212";

/** A value with four significant digits, or its name when it is not a number. */
function exact(value) {
  if (Number.isNaN(value)) return "not a number (NaN)";
  if (!Number.isFinite(value)) return value > 0 ? "infinite" : `${MINUS}infinite`;
  return value === 0 ? "0" : value.toPrecision(4).replaceAll("-", MINUS);
}

/** A value with as many digits as a scale or a bar needs: no trailing zeros. */
function brief(value) {
  if (!Number.isFinite(value)) return exact(value);
  return String(Number(value.toPrecision(3))).replaceAll("-", MINUS);
}

/** A value for a small cell: `decimals` places and no leading zero, as in −.25. */
function cramped(value, decimals) {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return "?";
  const text = Math.abs(value).toFixed(decimals).replace(/^0\./, ".");
  return (value < 0 && Number(text) !== 0 ? MINUS : "") + text;
}

/**
 * @typedef {{min: number, max: number, mean: number, limit: number, odd: number}} Summary
 * min, max and mean of the finite values; limit: the largest magnitude; odd: how many are NaN or infinite.
 */

/** @returns {Summary} */
function summarize(values) {
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

function largestLimit(summaries) {
  return summaries.reduce((limit, summary) => Math.max(limit, summary.limit), 0);
}
