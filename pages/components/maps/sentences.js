// @ts-check
// The texts of explanations. Pure functions.

import { fourDigits, grouped, MINUS } from "../common/numbers.js";
import { addressName, CHANNEL_NAMES, extent } from "./sections.js";

/**
 * @typedef {import("./explain.js").ConvExplanation} ConvExplanation
 * @typedef {import("./explain.js").PoolExplanation} PoolExplanation
 */

/** "row 3", "rows 3 and 4" or "rows 3 to 8". @param {string} name @param {number} first @param {number} last */
export function span(name, first, last) {
  if (first === last) return `${name} ${first}`;
  return `${name}s ${first} ${last === first + 1 ? "and" : "to"} ${last}`;
}

/** @param {[number, number]} pair */
const times = ([rows, columns]) => `${rows} × ${columns}`;

/** @param {ConvExplanation} explanation */
export function convSentence({ channels, source, origin }) {
  const { count } = extent(source);
  const isImage = source.kind === "picture";
  const ofSource = isImage ? "the image" : source.name;
  let from = isImage ? `the image${count === 3 ? "’s three colours" : ""}`
    : `${count === 1 ? "the map" : `the ${count} maps`} of ${source.name}`;
  if (origin.groups > 1) {
    const [first, last] = [channels[0].index, channels[channels.length - 1].index];
    from = `${span(isImage ? "channel" : "map", first, last)} of ${ofSource} (this filter’s group)`;
  }
  const isDilated = origin.dilation.some((step) => step > 1);
  const dilated = isDilated ? ` The filter skips values: its dilation is ${times(origin.dilation)}.` : "";
  const hasPadding = channels.some(({ cells }) => cells.includes(null));
  const padding = hasPadding ? " Padding beyond the edge counts as 0." : "";
  return `Values of ${from} under the filter, times its weights.${dilated}${padding}`;
}

/** @param {import("./explain.js").NormExplanation} explanation */
export function normSentence({ section, variance }) {
  const scaled = section.kind === "tiles" ? "a map" : "a unit";
  return `Batch norm scales ${scaled} with the mean and the variance (${fourDigits(variance)}) of its values `
    + "in training, then with its learned gamma and beta.";
}

/** Whether a pool covers a whole map. @param {PoolExplanation} explanation */
export function isGlobal({ origin, source }) {
  const { height, width } = extent(source);
  return origin.kernel[0] >= height && origin.kernel[1] >= width;
}

/** @param {PoolExplanation} explanation */
export function poolSentence(explanation) {
  const { isMax, origin } = explanation;
  const kept = isMax ? "largest value" : "mean";
  const kind = isMax ? "max" : "average";
  if (isGlobal(explanation)) return `Global ${kind} pooling keeps one value of each map, its ${kept}.`;
  const forgets = isMax ? " and forgets where in the window it was" : "";
  return `${isMax ? "Max" : "Average"} pooling keeps the ${kept} of each ${times(origin.kernel)} window${forgets}.`;
}

/** How a pool computes its value. @param {PoolExplanation} explanation */
export function poolRule({ isMax, values }) {
  const inside = values.filter((value) => value !== null).length;
  return isMax ? `largest of ${grouped(inside)}` : `sum of ${grouped(inside)} ÷ ${grouped(values.length)}`;
}

/** The place of a pool's window. @param {PoolExplanation} explanation */
export function poolPlace({ source, address, reads, cells }) {
  const { height, width } = extent(source);
  const name = addressName(source, { index: address.index });
  const rows = span("row", Math.max(0, reads.row), Math.min(height, reads.row + reads.height) - 1);
  const columns = span("column", Math.max(0, reads.column), Math.min(width, reads.column + reads.width) - 1);
  const outside = cells.includes(null) ? ", and padding" : "";
  return `The window of ${name}: ${rows}, ${columns}${outside}`;
}

/** How the place in the flattened row is computed. @param {import("./explain.js").FlattenExplanation} explanation */
export function flattenSentence({ from, source, address, height, width }) {
  const size = height * width;
  const isImage = source.kind === "picture";
  const one = isImage && source.shape[2] === 1 ? "The image" : isImage ? "Each colour" : "Each map";
  if (size === 1) return `${one} has one value; its place in the row is ${address.index}.`;
  const place = `${from.index} × ${size} + ${from.row} × ${width} + ${from.column}`;
  return `${one} has ${height} × ${width} = ${size} values; its place in the row is ${place} = ${address.index}.`;
}

/** @param {import("./explain.js").DenseExplanation} explanation */
export function denseSentence({ terms, others, source }) {
  const count = terms.length + others.count;
  return `Each of the ${grouped(count)} values of ${source.name}, times this unit’s weight for it. `
    + "The largest products first:";
}

/** @param {import("./explain.js").PlainExplanation} explanation */
export function pixelSentence({ section, address }) {
  const channel = section.shape[2] === 3 ? `The ${CHANNEL_NAMES[address.index]} of a pixel` : "The brightness of a pixel";
  const isStandardised = section.kind === "picture" && section.mean.some(Boolean);
  const range = isStandardised ? "standardised" : "from 0 to 1";
  return `${channel}, ${range}: an input of the network. Every other number is computed from these.`;
}

export const UNKNOWN_SENTENCE = "This number was computed from too many numbers to send to the browser. "
  + "Train a network with fewer filters or smaller images to see them here.";

/** The power of a softmax. @param {number} shift @param {(value: number) => string} write */
export const powerText = (shift, write) => (shift ? `e to (logit ${MINUS} ${write(shift)})` : "e to the logit");
