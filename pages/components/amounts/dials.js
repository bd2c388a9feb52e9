// @ts-check
// The text and the kind of a dial. Pure functions.

import { MINUS } from "../common/numbers.js";

/** @typedef {{name: string, low: number, high: number, neutral: number, step: number, unit: string}} Dial */

/** The value with as many decimals as the step, and its unit: −30°, 1.50×, 3 px; 25 % for 0.25.
 * @param {{step: number, unit: string}} dial @param {number} value */
export function formatted({ step, unit }, value) {
  if (unit === "%") return `${Math.round(100 * value)}\u00a0%`;
  const digits = (String(step).split(".")[1] ?? "").length;
  return `${value.toFixed(digits).replace("-", MINUS)}${unit === "px" ? "\u00a0px" : unit}`;
}

/** @param {string} text */
export const capitalized = (text) => text[0].toUpperCase() + text.slice(1);

/** Whether the dial is drawn as a switch. @param {{low: number, high: number, step: number}} dial */
export const hasTwoValues = ({ low, high, step }) => high - low === step;
