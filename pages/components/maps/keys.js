// @ts-check
// Where keys lead: among the tiles of a grid, and within a map.

import { extent } from "./sections.js";

/**
 * The tile a key leads to (the same one at the border), or null for a key that does not move.
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
 * The number an arrow key leads to (the same at the border), or null for any other key.
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
 * The next number of a map, row by row, and from the last to the first.
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
