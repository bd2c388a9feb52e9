// @ts-check
// How long a bar is.

/**
 * Where a bar starts and how long it is, in percent of the track; signed tracks have their zero in the middle.
 * @param {number} value
 * @param {number} limit
 * @param {boolean} signed
 */
export function barSpan(value, limit, signed) {
  const part = limit > 0 && Number.isFinite(value) ? Math.min(1, Math.abs(value) / limit) : 0;
  if (!signed) return { start: 0, length: value > 0 ? part * 100 : 0 };
  return { start: value < 0 ? 50 - part * 50 : 50, length: part * 50 };
}

/** What a full track stands for. @param {{unit: string, limit: number}} section */
export const barLimit = ({ unit, limit }) => (unit === "%" ? Math.max(100, limit) : limit);

/** Gives an element with a fill the length of a value. @param {HTMLElement} node @param {number} value @param {number} limit @param {boolean} signed */
export function stretchBar(node, value, limit, signed) {
  const { start, length } = barSpan(value, limit, signed);
  node.style.setProperty("--start", `${start}%`);
  node.style.setProperty("--length", `${length}%`);
  node.classList.toggle("negative", value < 0);
}
