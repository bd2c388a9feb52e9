// @ts-check
// Asks Python to rerun once the page is light or dark and Python has drawn it for the other. Streamlit draws every
// component again when the theme changes.

import { component } from "../common/component.js";

class Theme {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.element = parent instanceof ShadowRoot ? parent.host : parent;
    this.python = python;
    this.asked = "";
  }

  /** @param {{theme: string}} data the theme for which Python has drawn */
  receive({ theme }) {
    const shown = getComputedStyle(this.element).colorScheme === "dark" ? "dark" : "light";
    if (shown !== theme && shown !== this.asked) this.python.trigger("changed");
    this.asked = shown === theme ? "" : shown; // Python may not know of the new theme yet: ask once only
  }

  destroy() {}
}

export default component(Theme);
