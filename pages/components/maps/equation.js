// @ts-check
// The building blocks of an explanation: numbers, links to other numbers, equations, tables.

import { button, element } from "../common/dom.js";
import { fourDigits, MINUS, allDigits } from "../common/numbers.js";
import { stretchBar } from "./bar.js";

/** @typedef {import("./sections.js").Address} Address */

/** A number as text, with all its digits in the title. @param {number} value @param {"span"|"strong"} tag */
export function numberText(value, tag = "span") {
  return element(tag, { class: "number-text", title: allDigits(value) }, fourDigits(value));
}

/** @param {...(Node|string)} content */
export const paragraph = (...content) => element("p", { class: "from" }, ...content);

/**
 * A button that follows a number to its layer.
 * @param {Node|string} text
 * @param {Address} address
 * @param {(address: Address) => void} follow
 */
export function link(text, address, follow, title = "Follow this number to its layer") {
  return button(text, () => follow(address), { class: "link", title });
}

/**
 * Numbers with labels below them and signs between them: [sign, value, label], ...
 * @param {...[string, number|string, string|Node]} parts the sign may be ""
 */
export function equation(...parts) {
  const nodes = parts.flatMap(([sign, value, label]) => {
    const number = typeof value === "number" ? numberText(value, "strong") : element("strong", {}, value);
    const part = element("span", { class: "part" }, number, element("small", {}, label));
    return sign ? [element("span", { class: "sign" }, sign), part] : [part];
  });
  return element("div", { class: "equation" }, ...nodes);
}

/**
 * The parts of an equation for "+ x" or "− |x|" with a label; none if there is no such number.
 * @param {number|null} value
 * @param {string} label
 * @returns {[string, number, string][]}
 */
export function added(value, label) {
  if (value === null) return [];
  return [value < 0 ? [MINUS, -value, label] : ["+", value, label]];
}

/** "=", or "≈" if rounding to float32 is visible. @param {{total: number, value: number}} explanation */
export function equals({ total, value }) {
  return fourDigits(total) === fourDigits(value) ? "=" : "≈";
}

/**
 * A table of numbers; a cell is a number, a text or a node.
 * @param {string[]} columns names
 * @param {(number|string|Node)[][]} rows
 */
export function numberTable(columns, rows) {
  /** @param {number|string|Node} content */
  const cell = (content) => element("td", {}, typeof content === "number" ? numberText(content) : content);
  const head = element("thead", {}, element("tr", {}, ...columns.map((name) => element("th", {}, name))));
  const body = element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell))));
  return element("table", {}, head, body);
}

/** A value as a bar from the middle of its cell; a full half is the limit. @param {number} value @param {number} limit */
export function smallBar(value, limit) {
  const bar = element("span", { class: "small-bar" }, element("span", { class: "fill" }));
  stretchBar(bar, value, limit, true);
  return bar;
}
