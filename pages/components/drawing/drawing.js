// @ts-check
// A drawing: markup from Python, which has escaped all names in it.

import { component } from "../common/component.js";
import { element } from "../common/dom.js";

class Drawing {
  /** @param {HTMLElement|ShadowRoot} parent */
  constructor(parent) {
    this.root = element("div", { class: "drawing" });
    this.drawn = "";
    parent.append(this.root);
  }

  /** @param {{markup: string}} data */
  receive({ markup }) {
    if (markup === this.drawn) return;
    this.root.innerHTML = this.drawn = markup;
  }

  destroy() {
    this.root.remove();
  }
}

export default component(Drawing);
