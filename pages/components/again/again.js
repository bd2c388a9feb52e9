// @ts-check
// Asks Python to draw again, some time after this was drawn.

import { Rerun } from "../common/ask.js";
import { component } from "../common/component.js";

class Again {
  /** @param {HTMLElement|ShadowRoot} _ @param {import("../common/component.js").Python} python */
  constructor(_, python) {
    this.python = python;
    this.destroy = () => {};
  }

  /** @param {{every: number}} data every: ms until the next drawing */
  receive({ every }) {
    this.destroy();
    const rerun = new Rerun(() => this.python.trigger("due"));
    const look = () => document.hidden || rerun.request();
    const timer = setInterval(look, every);
    document.addEventListener("visibilitychange", look);
    this.destroy = () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }
}

export default component(Again);
