// @ts-check
// One chart of learning curves on a canvas. uPlot draws the axes and lines.

import { button, contextOf, element } from "../common/dom.js";
import { grouped } from "../common/numbers.js";
import { dragZoom } from "./drag_zoom.js";
import { aligned, legendNumber, nearest, ranged, wholeSteps } from "./lines.js";
import { axisOf, Marks, themeOf } from "./marks.js";
import { uPlot } from "./uplot.js";

/**
 * @typedef {import("./lines.js").CurveData} CurveData
 * @typedef {import("./lines.js").Line} Line
 */

const HEIGHT = 260; // px, without the legend
const TICK_SPACE = 45; // px, the least distance between ticks of the x axis: room for "10,000"
const BEST_LINE = "held-out"; // the line with the best epoch on it

export class LineChart {
  /** @param {HTMLElement} parent @param {CurveData} curve */
  constructor(parent, curve) {
    this.curve = curve;
    this.showsPeak = false; // whether the axis includes the few values far above the others
    /** @type {Set<string>} names of lines */
    this.hidden = new Set();
    /** @type {import("./drag_zoom.js").Zoom|null} */
    this.zoom = null;
    this.structure = "";
    /** @type {ReturnType<typeof aligned>} */
    this.data = [[]];
    /** @type {any} */
    this.uplot = null;
    this.legend = element("div", { class: "legend" });
    this.place = element("span", { class: "place" });
    /** @type {HTMLOutputElement[]} */
    this.numbers = [];
    this.plot = element("div", { class: "plot", tabindex: 0, role: "img" });
    this.plot.addEventListener("keydown", (event) => this.press(event));
    this.plot.addEventListener("blur", () => this.uplot?.setCursor({ left: -10, top: -10 }));
    const tools = element("div", { class: "tools" });
    tools.append(button("Show all", () => this.zoomTo(null), { class: "all" }));
    tools.append(button("PNG", () => this.save(), { title: "Save this chart as a picture" }));
    this.cutButton = button("", () => this.toggleCut(), { class: "cutting", hidden: true });
    this.element = element("div", { class: "curve" }, this.legend, this.plot, tools, this.cutButton);
    parent.append(this.element);
    this.theme = themeOf(this.element);
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.plot);
  }

  /** @param {CurveData} curve */
  show(curve) {
    this.curve = curve;
    this.theme = themeOf(this.element);
    const styles = curve.lines.map(({ name, color, width, opacity, marks }) => [name, color, width, opacity, marks]);
    const structure = JSON.stringify([this.theme, styles]);
    this.cutButton.hidden = !curve.cut;
    this.cutButton.textContent = this.showsPeak ? "Cut the peak" : `↑ ${curve.cut?.text}`;
    this.cutButton.title = this.showsPeak ? "Enlarge the other values" : "Show the whole axis";
    this.data = aligned(curve.lines);
    if (structure !== this.structure) this.build(structure);
    this.uplot.setData(this.data, false);
    this.rescale();
    this.showNumbers();
  }

  toggleCut() {
    this.showsPeak = !this.showsPeak;
    this.show(this.curve);
  }

  /** @param {string} structure */
  build(structure) {
    this.structure = structure;
    this.uplot?.destroy();
    this.buildLegend();
    this.uplot = new uPlot(this.options(), this.data, this.plot);
  }

  options() {
    const { curve, theme } = this;
    const axis = axisOf(theme);
    const { cursor, setSelect } = dragZoom((zoom) => this.zoomTo(zoom));
    /** @param {unknown} _ @param {number[]} values */
    const percentages = (_, values) => values.map((value) => `${Math.round(100 * value)} %`);
    /** @param {unknown} _ @param {number[]} places */
    const counts = (_, places) => places.map(grouped);
    /** @param {unknown} _ @param {number} low @param {number} high */
    const xRange = (_, low, high) => this.zoom?.x ?? ranged(this.curve.x_range, low, high, 0);
    /** @param {unknown} _ @param {number} low @param {number} high */
    const yRange = (_, low, high) => this.zoom?.y ?? this.fullRange(low, high);
    /** @param {unknown} _ @param {number} number of the line, from 1 @param {number} at */
    const dataIdx = (_, number, at) =>
      number ? nearest(/** @type {import("./lines.js").Column} */ (this.data[number]), at) : at;
    return {
      width: this.plot.clientWidth || 300,
      height: HEIGHT,
      padding: [10, 20, 0, 0],
      legend: { show: false },
      scales: { x: { time: false, range: xRange }, y: { range: yRange } },
      axes: [
        { ...axis, label: curve.x, size: 28, grid: { show: false }, space: TICK_SPACE, incrs: wholeSteps(), values: counts },
        { ...axis, label: curve.y, size: 44, grid: { stroke: theme.grid, width: 1 }, ...(curve.percent && { values: percentages }) },
      ],
      series: [{}, ...curve.lines.map((line) => this.series(line))],
      cursor: { y: false, dataIdx, ...cursor },
      hooks: {
        drawAxes: [() => this.marks.drawBehind(this.curve, this.opaque)],
        draw: [() => this.drawBest()],
        setCursor: [() => this.showNumbers()],
        setSelect: [setSelect],
      },
    };
  }

  /** @param {number|null} low @param {number|null} high of the data */
  fullRange(low, high) {
    const { cut, y_range } = this.curve;
    return cut && !this.showsPeak ? [y_range[0], cut.y] : ranged(y_range, low, high, 0.05);
  }

  /** @param {Line} line */
  series({ name, color, width, opacity, marks }) {
    const fill = marks === "open" ? this.theme.background : color;
    return {
      show: !this.hidden.has(name),
      stroke: color,
      width,
      alpha: opacity,
      points: { show: marks !== "", size: 8, width: 1.5, stroke: color, fill },
    };
  }

  /** Updates the ranges of both axes, and draws. */
  rescale() {
    const places = this.data[0];
    this.uplot.setScale("x", { min: places[0] ?? 0, max: places.at(-1) ?? 1 });
  }

  fit() {
    const width = this.plot.clientWidth;
    if (this.uplot && width && width !== this.uplot.width) this.uplot.setSize({ width, height: HEIGHT });
  }

  // Zoom

  /** @param {typeof this.zoom} zoom */
  zoomTo(zoom) {
    this.zoom = zoom;
    this.element.classList.toggle("zoomed", Boolean(zoom));
    this.rescale();
  }

  // Marks

  get marks() {
    return new Marks(this.uplot, this.theme, uPlot.pxRatio);
  }

  drawBest() {
    const { best, lines, levels } = this.curve;
    const line = lines.find(({ name }) => name === BEST_LINE);
    if (!best || !line || this.hidden.has(BEST_LINE)) return;
    this.marks.drawBest(best, line.color, this.opaque, levels);
  }

  /** The lines that texts avoid. They cannot avoid the pale ones, which are everywhere. */
  get opaque() {
    return this.curve.lines.filter(({ name, opacity }) => opacity === 1 && !this.hidden.has(name));
  }

  // Numbers

  /** Shows the numbers under the pointer in the legend, or the newest ones. */
  showNumbers() {
    const [places, ...columns] = this.data;
    const last = places.length - 1;
    const at = Math.min(this.uplot?.cursor.idx ?? last, last);
    this.place.textContent = last < 0 ? "" : `${this.curve.x} ${grouped(places[at])}`;
    const texts = this.curve.lines.map(({ name }, i) => {
      const column = /** @type {import("./lines.js").Column} */ (columns[i]);
      const near = nearest(column, at);
      const text = near === null ? "" : legendNumber(Number(column[near]), this.curve.percent);
      this.numbers[i].textContent = text;
      return `${name} ${text || "none yet"}`;
    });
    const label = `${this.curve.y} by ${this.curve.x}. ${this.place.textContent}: ${texts.join(", ")}`;
    this.plot.setAttribute("aria-label", label);
  }

  /** Left and Right move the cursor, with Shift ten steps at a time; Escape undoes the zoom. @param {KeyboardEvent} event */
  press(event) {
    const places = this.data[0];
    if (event.key === "Escape") this.zoomTo(null);
    const direction = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (!direction || !places.length) return;
    event.preventDefault();
    const from = this.uplot.cursor.idx ?? places.length - 1;
    const at = Math.max(0, Math.min(places.length - 1, from + direction * (event.shiftKey ? 10 : 1)));
    this.uplot.setCursor({ left: this.uplot.valToPos(places[at], "x"), top: 1 });
  }

  // Legend

  buildLegend() {
    this.numbers = this.curve.lines.map(() => element("output"));
    const keys = this.curve.lines.map((line, i) => {
      const key = button(swatch(line), () => this.toggle(line.name, i + 1, key), { title: "Hide or show this line" });
      key.append(line.name, " ", this.numbers[i]);
      key.setAttribute("aria-pressed", String(!this.hidden.has(line.name)));
      return key;
    });
    this.legend.replaceChildren(...keys, this.place);
  }

  /** @param {string} name @param {number} number of the line, from 1 @param {HTMLElement} key */
  toggle(name, number, key) {
    const show = this.hidden.delete(name) || !this.hidden.add(name);
    key.setAttribute("aria-pressed", String(show));
    this.uplot.setSeries(number, { show });
  }

  /** Saves the chart and its legend, on the page's background, as a PNG file. */
  save() {
    const { canvas } = this.uplot.ctx;
    const px = uPlot.pxRatio;
    const legendHeight = 30 * px;
    const picture = element("canvas", { width: canvas.width, height: canvas.height + legendHeight });
    const context = contextOf(picture);
    context.fillStyle = this.theme.background;
    context.fillRect(0, 0, picture.width, picture.height);
    context.drawImage(canvas, 0, legendHeight);
    context.font = `${14 * px}px ${this.theme.font}`;
    let x = 12 * px;
    for (const { name, color } of this.curve.lines.filter((line) => !this.hidden.has(line.name))) {
      context.fillStyle = color;
      context.fillText(name, x, 20 * px);
      x += context.measureText(name).width + 16 * px;
    }
    element("a", { href: picture.toDataURL("image/png"), download: `${this.curve.y}.png` }).click();
  }

  destroy() {
    this.resized.disconnect();
    this.uplot?.destroy();
    this.element.remove();
  }
}

/** @param {Line} line */
function swatch({ color, width, opacity, marks }) {
  const line = element("span", { class: `swatch ${marks}` });
  line.style.setProperty("--line", color);
  line.style.setProperty("--width", `${width}px`);
  line.style.opacity = String(opacity);
  return line;
}
