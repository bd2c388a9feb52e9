// @ts-check
// Texts at axes that stand close together.

const GAP = 8; // CSS pixels between two names in a row

/**
 * In how many rows the names of axes, dealt to the rows in turn, do not touch.
 * @param {number[]} middles of the names, ascending
 * @param {number[]} widths of the names
 */
export function rowsOf(middles, widths) {
  /** @param {number} rows */
  const fits = (rows) => middles.every((x, i) => i < rows || x - middles[i - rows] >= (widths[i] + widths[i - rows]) / 2 + GAP);
  let rows = 1;
  while (!fits(rows)) rows += 1;
  return rows;
}

/** A text, cut so that it is no wider than the room. @param {CanvasRenderingContext2D} context
 * @param {string} text @param {number} room CSS pixels */
export function cut(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let length = text.length - 1;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > room) length -= 1;
  return `${text.slice(0, length)}…`;
}
