// @ts-check

import { button, element } from "../common/dom.js";

/** Links to the numbers that led to the one shown. */
export class Trail {
  /** @param {(at: number) => void} back goes back to the number at that index */
  constructor(back) {
    this.goBack = back;
    this.length = 0;
    this.back = button("‹ Back", () => this.goBack(this.length - 1), { class: "back" });
    this.list = element("ol");
    this.hint = element("span", { class: "note" }, "Click a number to follow it to its layer.");
    const attributes = { class: "trail", "aria-label": "The way to this number" };
    this.element = element("nav", attributes, this.back, this.list, this.hint);
  }

  /** @param {string[]} names of the numbers, the one shown last @param {boolean} hasSource whether its numbers can be followed */
  show(names, hasSource) {
    this.length = names.length - 1;
    this.back.hidden = this.list.hidden = this.length === 0;
    this.hint.hidden = this.length > 0 || !hasSource;
    this.list.replaceChildren(...names.map((name, at) => element("li", {}, this.entry(name, at))));
    this.list.scrollLeft = this.list.scrollWidth;
  }

  /** @param {string} name @param {number} at */
  entry(name, at) {
    if (at === this.length) return element("span", { "aria-current": "location" }, name);
    return button(name, () => this.goBack(at), { class: "link" });
  }
}
