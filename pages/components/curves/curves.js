// @ts-check
// The learning curves and the progress of a run, polled from the server.

import { Poll, Rerun } from "../common/ask.js";
import { component } from "../common/component.js";
import { element } from "../common/dom.js";
import { ProgressBar } from "../common/progress_bar.js";
import { LineChart } from "./line_chart.js";

/**
 * @typedef {object} RunStatus
 * @property {string} state when it changes, Python must rerun
 * @property {import("../common/progress_bar.js").Progress|null} progress
 * @property {import("./lines.js").CurveData[]} curves
 */

class Curves {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.rerun = new Rerun(() => python.trigger("changed"));
    this.poll = new Poll((answer) => this.update(answer));
    this.progress = new ProgressBar();
    this.grid = element("div", { class: "charts" });
    this.root = element("div", { class: "curves" }, this.progress.element, this.grid);
    parent.append(this.root);
    /** @type {LineChart[]} */
    this.charts = [];
    this.drawnState = ""; // the state that Python has drawn
    this.state = "";
    this.answer = "";
  }

  /** Shows the status from Python, then polls the source. @param {{status: RunStatus, source: string, every: number}} data */
  receive({ status, source, every }) {
    this.drawnState = status.state;
    this.rerun.answered();
    this.show(status);
    this.poll.begin(source, every);
  }

  /** @param {string} answer */
  update(answer) {
    if (answer !== this.answer) this.show(JSON.parse(answer));
    this.answer = answer;
    if (this.state !== this.drawnState) this.rerun.request();
  }

  /** @param {RunStatus} status */
  show(status) {
    Object.assign(this.root, { status }); // for tests
    this.state = status.state;
    this.progress.element.hidden = !status.progress;
    if (status.progress) this.progress.show(status.progress);
    status.curves.forEach((curve, i) => {
      this.charts[i] ??= new LineChart(this.grid, curve);
      this.charts[i].show(curve);
    });
  }

  destroy() {
    this.poll.end();
    for (const chart of this.charts) chart.destroy();
    this.root.remove();
  }
}

export default component(Curves);
