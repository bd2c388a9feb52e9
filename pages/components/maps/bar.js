// @ts-check
// The length of a bar.

/**
 * The start and length of a bar, in percent of the track. The zero of a signed track is in the middle.
 * @param {number} value
 * @param {number} limit
 * @param {boolean} signed
 */
export function barSpan(value, limit, signed) {
  const fraction = limit > 0 && Number.isFinite(value) ? Math.min(1, Math.abs(value) / limit) : 0;
  if (!signed) return { start: 0, length: value > 0 ? fraction * 100 : 0 };
  return { start: value < 0 ? 50 - fraction * 50 : 50, length: fraction * 50 };
}

/** The value of a full track. @param {{unit: string, limit: number}} section */
export const barLimit = ({ unit, limit }) => (unit === "%" ? Math.max(100, limit) : limit);

/** Sets the length of an element's fill to show a value. @param {HTMLElement} node @param {number} value @param {number} limit @param {boolean} signed */
export function stretchBar(node, value, limit, signed) {
  const { start, length } = barSpan(value, limit, signed);
  node.style.setProperty("--start", `${start}%`);
  node.style.setProperty("--length", `${length}%`);
  node.classList.toggle("negative", value < 0);
}
