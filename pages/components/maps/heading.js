// @ts-check
// The heading of a section, with its colour scale.

import { gradient } from "../common/color.js";
import { element, setText } from "../common/dom.js";
import { threeDigits } from "../common/numbers.js";

/** @typedef {{signed: boolean, limit: number|null, rgb?: boolean}} Scale limit null: each tile has its own scale */

export class Legend {
  constructor() {
    this.bar = element("span", { class: "scale-bar", "aria-hidden": "true" });
    this.numbers = element("span", { class: "scale-numbers" });
    this.element = element("span", { class: "scale" }, this.bar, this.numbers);
  }

  /** @param {Scale} scale */
  update({ signed, limit, rgb = false }) {
    const texts = legendTexts(signed, limit, rgb);
    this.bar.hidden = rgb;
    this.bar.style.background = gradient(signed);
    this.numbers.replaceChildren(...texts.map((text) => element("span", {}, text)));
    this.numbers.classList.toggle("single", texts.length === 1);
  }
}

/** @param {boolean} signed @param {number|null} limit @param {boolean} rgb */
function legendTexts(signed, limit, rgb) {
  if (limit === null) return ["each on its own scale"];
  if (rgb) return [`gray is 0, full colour is ±${threeDigits(limit)}`];
  return signed ? [threeDigits(-limit), "0", threeDigits(limit)] : ["0", threeDigits(limit)];
}

export class Heading {
  constructor() {
    this.name = element("h2");
    this.note = element("p", { class: "note" });
    this.legend = new Legend();
    this.element = element("header", {}, element("div", { class: "title" }, this.name, this.note), this.legend.element);
  }

  /** @param {{name: string, note: string}} section @param {Scale|null} scale null: no colour scale */
  update({ name, note }, scale = null) {
    setText(this.name, name);
    setText(this.note, note);
    this.legend.element.hidden = !scale;
    if (scale) this.legend.update(scale);
  }
}
