// @ts-check
// A Plotly chart that is updated in place when its figure changes.

import { component } from "../common/component.js";
import { element } from "../common/dom.js";
import { serverRoot } from "../common/loader.js";
import { library } from "../common/script.js";

/** @typedef {{data: object[], layout: Record<string, any>}} Figure */

const CONFIG = { displayModeBar: false, responsive: true }; // the bar would cover the legend

/** The layout in the colours and the font of the page, light or dark. @param {Record<string, any>} layout @param {Element} node */
function themed(layout, node) {
  const style = getComputedStyle(node);
  /** @param {string} name */
  const color = (name) => style.getPropertyValue(name).trim();
  const axis = { gridcolor: color("--st-border-color"), linecolor: color("--st-border-color"), tickfont: { size: 13 } };
  const hoverlabel = { bgcolor: color("--st-secondary-background-color"), font: { color: color("--st-text-color") } };
  return {
    ...layout,
    autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: color("--st-font"), color: color("--st-text-color"), size: 13 },
    hoverlabel: { ...layout.hoverlabel, ...hoverlabel },
    xaxis: { ...axis, ...layout.xaxis },
    yaxis: { ...axis, ...layout.yaxis },
  };
}

class Chart {
  /** @param {HTMLElement|ShadowRoot} parent */
  constructor(parent) {
    this.root = element("div", { class: "cnn-chart" });
    parent.append(this.root);
    this.drawn = "";
    /** @type {Figure|null} */
    this.newest = null;
    /** @type {Promise<unknown>} */
    this.drawing = Promise.resolve();
    /** @type {any} */
    this.Plotly = null;
  }

  /** @param {{library: string, figure: Figure}} data */
  async receive({ library: path, figure }) {
    this.newest = figure;
    this.Plotly = await library(new URL(path, serverRoot()), "Plotly");
    if (this.newest === figure) this.draw(figure); // newer figures may arrive while the library loads
  }

  /** @param {Figure} figure */
  draw(figure) {
    const layout = themed(figure.layout, this.root);
    const content = JSON.stringify([figure.data, layout]);
    if (content === this.drawn) return; // a rerun of the page often sends the same figure
    this.drawn = content;
    this.drawing = this.Plotly.react(this.root, figure.data, layout, CONFIG);
  }

  destroy() {
    this.newest = null;
    this.drawing.finally(() => this.Plotly?.purge(this.root)); // wait: Plotly may be drawing
    this.root.remove();
  }
}

export default component(Chart);
