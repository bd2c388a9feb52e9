// @ts-check
// Moves by keys, among the tiles of a grid and within a map.

import { extent } from "./sections.js";

/**
 * The tile that a key moves to (the same one at the border); null for other keys.
 * @param {string} key
 * @param {number} index
 * @param {number} count
 * @param {number} perRow
 */
export function neighbour(key, index, count, perRow) {
  /** @type {Record<string, number>} */
  const steps = {
    ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow, ArrowDown: perRow, Home: -index, End: count - 1 - index,
  };
  if (!Object.hasOwn(steps, key)) return null;
  const next = index + steps[key];
  return next >= 0 && next < count ? next : index;
}

/** @type {Record<string, [down: number, right: number]>} */
const DIRECTIONS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/**
 * The number that an arrow key moves to (the same one at the border); null for other keys.
 * @param {import("./sections.js").Section} section
 * @param {import("./sections.js").Address} address
 * @param {string} key
 */
export function stepTo(section, address, key) {
  if (!Object.hasOwn(DIRECTIONS, key)) return null;
  const { height, width } = extent(section);
  const [down, right] = DIRECTIONS[key];
  /** @param {number} value @param {number} length */
  const clamp = (value, length) => Math.max(0, Math.min(length - 1, value));
  return { ...address, row: clamp(address.row + down, height), column: clamp(address.column + right, width) };
}

/**
 * The next number of a map, row by row; the first after the last.
 * @param {import("./sections.js").Section} section
 * @param {import("./sections.js").Address} address
 */
export function nextPlace(section, address) {
  const { height, width } = extent(section);
  const at = (address.row * width + address.column + 1) % (height * width);
  return { ...address, row: Math.floor(at / width), column: at % width };
}

/** @param {KeyboardEvent} event */
export const hasModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;
