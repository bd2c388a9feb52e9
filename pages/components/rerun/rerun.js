// @ts-check
// Asks Python to rerun at intervals while the page is visible.

import { Rerun } from "../common/ask.js";
import { component } from "../common/component.js";

class RerunTimer {
  /** @param {HTMLElement|ShadowRoot} _ @param {import("../common/component.js").Python} python */
  constructor(_, python) {
    this.python = python;
    this.destroy = () => {};
  }

  /** @param {{every: number}} data every: milliseconds between reruns */
  receive({ every }) {
    this.destroy();
    const rerun = new Rerun(() => this.python.trigger("due"));
    const rerunIfVisible = () => document.hidden || rerun.request();
    const timer = setInterval(rerunIfVisible, every);
    document.addEventListener("visibilitychange", rerunIfVisible);
    this.destroy = () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", rerunIfVisible);
    };
  }
}

export default component(RerunTimer);
