// @ts-check

import { button, element, setText } from "../common/dom.js";

/** A slider for the opacity of a map over the image: from only the image (0 %) to only the map (100 %). */
export class StrengthSlider {
  /** @param {(percent: number) => void} setStrength */
  constructor(setStrength) {
    const image = button("image", () => setStrength(0));
    const map = button("map", () => setStrength(100));
    this.input = element("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": "Overlay strength" });
    this.input.addEventListener("input", () => setStrength(Number(this.input.value)));
    this.output = element("output");
    this.element = element("div", { class: "strength" }, image, this.input, map, this.output);
  }

  /** @param {number} percent */
  show(percent) {
    this.input.value = String(percent);
    setText(this.output, `${percent} %`);
  }
}
