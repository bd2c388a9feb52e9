// @ts-check
// The curves of many runs, chart below chart. A run that is pointed at in one chart stands out in all.

import { component } from "../common/component.js";
import { element } from "../common/dom.js";
import { decode } from "../common/message.js";
import { RunChart } from "./run_chart.js";

class RunCurves {
  /** @param {HTMLElement|ShadowRoot} parent */
  constructor(parent) {
    this.root = element("div", { class: "run-curves" });
    parent.append(this.root);
    /** @type {RunChart[]} */
    this.charts = [];
  }

  /** @param {Uint8Array} data */
  receive(data) {
    const { x, height, charts } = decode(data);
    while (this.charts.length > charts.length) this.charts.pop()?.destroy();
    charts.forEach((/** @type {import("./run_chart.js").ChartData} */ chart, /** @type {number} */ i) => {
      this.charts[i] ??= new RunChart(this.root, (run) => this.point(run));
      this.charts[i].show(chart, x, height);
    });
  }

  /** @param {number|null} run */
  point(run) {
    for (const chart of this.charts) chart.highlight(run);
  }

  destroy() {
    for (const chart of this.charts) chart.destroy();
    this.root.remove();
  }
}

export default component(RunCurves);
