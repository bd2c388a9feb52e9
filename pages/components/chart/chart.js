// @ts-check
// A Plotly chart that is updated in place when its figure changes.

import { component } from "../common/component.js";
import { button, element } from "../common/dom.js";
import { serverRoot } from "../common/loader.js";
import { library } from "../common/script.js";

/** @typedef {{data: object[], layout: Record<string, any>}} Figure */

const CONFIG = { displayModeBar: false }; // the bar would cover the legend

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
    this.save = button("PNG", () => this.saveAs(this.file), { title: "Save this chart as a picture", hidden: true });
    this.frame = element("div", { class: "cnn-chart-frame" }, this.root, this.save);
    parent.append(this.frame);
    this.width = 0;
    // Not Plotly's `responsive`: it follows the window only, and the page is also wider when the menu is folded.
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.root);
    this.file = "";
    this.drawn = "";
    /** @type {Figure|null} */
    this.newest = null;
    /** @type {Promise<unknown>} */
    this.drawing = Promise.resolve();
    /** @type {any} */
    this.Plotly = null;
  }

  /** @param {{library: string, figure: Figure, file: string}} data file: name of its picture; "": it cannot be saved */
  async receive({ library: path, figure, file }) {
    this.newest = figure;
    this.file = file;
    this.save.hidden = !file;
    this.Plotly = await library(new URL(path, serverRoot()), "Plotly");
    if (this.newest === figure) this.draw(figure); // newer figures may arrive while the library loads
  }

  /** @param {Figure} figure */
  draw(figure) {
    const layout = themed(figure.layout, this.root);
    const content = JSON.stringify([figure.data, layout]);
    if (content === this.drawn) return; // a rerun of the page often sends the same figure
    this.drawn = content;
    this.width = this.root.clientWidth;
    this.drawing = this.Plotly.react(this.root, figure.data, layout, CONFIG);
  }

  fit() {
    const width = this.root.clientWidth;
    if (!this.drawn || !width || width === this.width) return;
    this.width = width;
    this.drawing = this.drawing.then(() => this.Plotly.relayout(this.root, { width })).catch(() => {});
  }

  /** Saves the chart as it is, on the page's background. @param {string} filename */
  saveAs(filename) {
    if (!this.newest) return;
    const { clientWidth: width, clientHeight: height } = this.root;
    const background = getComputedStyle(this.root).getPropertyValue("--st-background-color").trim();
    const layout = { ...themed(this.newest.layout, this.root), paper_bgcolor: background };
    this.Plotly?.downloadImage({ data: this.newest.data, layout }, { format: "png", width, height, scale: 2, filename });
  }

  destroy() {
    this.newest = null;
    this.resized.disconnect();
    this.drawing.finally(() => this.Plotly?.purge(this.root)); // wait: Plotly may be drawing
    this.frame.remove();
  }
}

export default component(Chart);
