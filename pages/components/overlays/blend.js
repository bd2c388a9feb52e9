// @ts-check
// Blends values with an image.

import { colourize, pixel } from "../common/color.js";

/**
 * The image with the values over it: the larger a value, the more opaque; 0 is transparent.
 * @param {Uint32Array} image packed pixels
 * @param {{values: ArrayLike<number>, signed: boolean, limit: number}} picture
 * @param {number} strength opacity of the largest value, 0..1
 */
export function blend(image, { values, signed, limit }, strength) {
  const colours = colourize(values, signed, limit);
  return image.map((below, i) => {
    const opacity = limit > 0 ? strength * Math.min(1, Math.abs(values[i]) / limit) : 0;
    /** @param {number} shift */
    const mix = (shift) =>
      Math.round(((below >>> shift) & 255) * (1 - opacity) + ((colours[i] >>> shift) & 255) * opacity);
    return pixel(mix(0), mix(8), mix(16));
  });
}

/**
 * The pixel an arrow key moves to, from the middle at first and not beyond the border; null for Escape, undefined for
 * any other key.
 * @param {string} key
 * @param {[number, number]|null} from row, column
 * @param {number} height
 * @param {number} width
 * @returns {[number, number]|null|undefined}
 */
export function pixelAfterKey(key, from, height, width) {
  /** @type {Record<string, [number, number]>} */
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  if (key === "Escape") return null;
  if (!Object.hasOwn(moves, key)) return undefined;
  const [down, right] = moves[key];
  const [row, column] = from ?? [height >> 1, width >> 1];
  /** @param {number} place @param {number} cells */
  const inside = (place, cells) => Math.min(cells - 1, Math.max(0, place));
  return [inside(row + down, height), inside(column + right, width)];
}
