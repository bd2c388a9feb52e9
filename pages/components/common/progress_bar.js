// @ts-check
// A progress bar with a text above it.

import { element, setText } from "./dom.js";

/** @typedef {{share: number, text: string}} Progress share: 0 to 1 */

export class ProgressBar {
  constructor() {
    this.text = element("div", { class: "text" });
    this.fill = element("div");
    this.bar = element("div", { class: "bar", role: "progressbar" }, this.fill);
    this.element = element("div", { class: "progress" }, this.text, this.bar);
  }

  /** @param {Progress} progress */
  show({ share, text }) {
    setText(this.text, text);
    this.fill.style.width = `${100 * share}%`;
    this.bar.setAttribute("aria-valuenow", String(Math.round(100 * share)));
    this.bar.setAttribute("aria-label", text);
  }
}
