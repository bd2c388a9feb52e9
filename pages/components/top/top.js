// @ts-check
// Scrolls the page to its top whenever Python has asked for it once more.

import { component } from "../common/component.js";

class Top {
  /** @param {HTMLElement|ShadowRoot} parent */
  constructor(parent) {
    const element = parent instanceof ShadowRoot ? parent.host : parent;
    this.page = element.closest("[data-testid='stMain']"); // what scrolls on Streamlit's pages
    this.times = 0;
  }

  /** @param {{times: number}} data */
  receive({ times }) {
    if (times !== this.times) this.page?.scrollTo({ top: 0, behavior: "instant" });
    this.times = times;
  }

  destroy() {}
}

export default component(Top);
