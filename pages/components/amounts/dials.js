// @ts-check
// The text and the kind of a dial. Pure functions.

import { MINUS } from "../common/numbers.js";

/** @typedef {{name: string, low: number, high: number, neutral: number, step: number, unit: string}} Dial */

/** The value with as many decimals as the step. @param {{step: number}} dial @param {number} value */
export function formatted({ step }, value) {
  const digits = (String(step).split(".")[1] ?? "").length;
  return value.toFixed(digits).replace("-", MINUS);
}

/** @param {string} text */
export const capitalized = (text) => text[0].toUpperCase() + text.slice(1);

/** Whether the dial is drawn as a switch. @param {{low: number, high: number, step: number}} dial */
export const hasTwoValues = ({ low, high, step }) => high - low === step;
