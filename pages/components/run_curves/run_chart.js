// @ts-check
// One chart with the curves of many runs. uPlot draws the axes and lets one zoom; the curves are one path each.

import { button, contextOf, element } from "../common/dom.js";
import { grouped } from "../common/numbers.js";
import { dragZoom } from "../curves/drag_zoom.js";
import { legendNumber, wholeSteps } from "../curves/lines.js";
import { axisOf, themeOf } from "../curves/marks.js";
import { uPlot } from "../curves/uplot.js";
import { nearest, range, scaleOf } from "./near.js";

/** @typedef {import("./near.js").Curve} Curve @typedef {{y: string, percent: boolean, curves: Curve[]}} ChartData */

const REACH = 40; // px from the pointer to a curve that it points at
const ROOM = 0.04; // above and below the curves, as a share of their range
const CROWD = 12; // more curves are drawn thinner, and
const MANY = 48; // more transparent, so that one sees where most of them are
const FAINTEST = 0.25; // opacity

export class RunChart {
  /** @param {HTMLElement} parent @param {(run: number|null) => void} onPoint */
  constructor(parent, onPoint) {
    this.onPoint = onPoint;
    /** @type {ChartData} */
    this.chart = { y: "", percent: false, curves: [] };
    this.x = "";
    /** @type {number|null} the run that stands out */
    this.run = null;
    /** @type {number|null} the point of it under the pointer; null: its last one */
    this.at = null;
    /** @type {import("../curves/drag_zoom.js").Zoom|null} */
    this.zoom = null;
    this.structure = "";
    /** @type {any} */
    this.uplot = null;
    this.plot = element("div", { class: "plot", tabindex: 0, role: "img" });
    this.text = element("output", { class: "pointed" });
    const save = button("PNG", () => this.save(), { title: "Save this chart as a picture" });
    this.element = element("div", { class: "run-chart" }, this.text, this.plot, save);
    parent.append(this.element);
    this.plot.addEventListener("pointermove", (event) => this.move(event));
    this.plot.addEventListener("pointerleave", () => this.pointAt(null, null));
    this.plot.addEventListener("blur", () => this.pointAt(null, null));
    this.plot.addEventListener("keydown", (event) => this.press(event));
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.plot);
  }

  /** @param {ChartData} chart @param {string} x name of its axis @param {number} height in px */
  show(chart, x, height) {
    const structure = JSON.stringify([chart.y, chart.percent, x, height, themeOf(this.element)]);
    if (x !== this.x) this.zoom = null;
    [this.chart, this.x] = [chart, x];
    if (this.run !== null && this.run >= chart.curves.length) [this.run, this.at] = [null, null];
    if (structure !== this.structure) this.build(structure, height);
    this.rescale();
    this.describe();
  }

  /** @param {string} structure @param {number} height */
  build(structure, height) {
    this.structure = structure;
    this.uplot?.destroy();
    const theme = themeOf(this.element);
    const axis = axisOf(theme);
    const { cursor, setSelect } = dragZoom((zoom) => this.zoomTo(zoom));
    /** @param {unknown} _ @param {number[]} values */
    const percentages = (_, values) => values.map((value) => `${Math.round(1000 * value) / 10} %`);
    /** @param {unknown} _ @param {number[]} places */
    const counts = (_, places) => places.map((place) => grouped(place));
    const { y, percent } = this.chart;
    this.uplot = new uPlot(
      {
        width: this.plot.clientWidth || 300,
        height,
        padding: [6, 12, 0, 0],
        legend: { show: false },
        scales: { x: { time: false, range: () => this.ranges.x }, y: { range: () => this.ranges.y } },
        axes: [
          { ...axis, label: this.x, size: 26, space: 50, grid: { show: false }, values: counts, ...(this.x !== "seconds" && { incrs: wholeSteps() }) },
          { ...axis, label: y, size: 50, space: 30, grid: { stroke: theme.grid, width: 1 }, ...(percent && { values: percentages }) },
        ],
        series: [{}, { paths: () => null, points: { show: false } }],
        cursor: { x: false, y: false, points: { show: false }, ...cursor },
        hooks: { draw: [() => this.draw()], setSelect: [setSelect] },
      },
      [[0, 1], [0, 1]],
      this.plot,
    );
  }

  /** The ranges of the axes. @returns {{x: [number, number], y: [number, number]}} */
  get ranges() {
    const { chart: { curves }, zoom } = this;
    const [low, high] = range(curves.map(({ y }) => y.values));
    const room = ROOM * (high - low);
    return { x: zoom?.x ?? range(curves.map(({ x }) => x.values)), y: zoom?.y ?? [low - room, high + room] };
  }

  rescale() {
    const [min, max] = this.ranges.x;
    this.uplot.setScale("x", { min, max });
  }

  fit() {
    const width = this.plot.clientWidth;
    if (this.uplot && width && width !== this.uplot.width) this.uplot.setSize({ width, height: this.uplot.height });
  }

  /** @param {typeof this.zoom} zoom */
  zoomTo(zoom) {
    this.zoom = zoom;
    this.rescale();
  }

  // Curves

  draw() {
    const { ctx, bbox } = this.uplot;
    const px = uPlot.pxRatio;
    const { x, y } = this.ranges;
    const along = scaleOf(x, [bbox.left, bbox.left + bbox.width]);
    const up = scaleOf(y, [bbox.top + bbox.height, bbox.top]);
    const { curves } = this.chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.lineJoin = "round";
    const width = curves.length > CROWD ? 1.2 : 2;
    const opacity = Math.max(FAINTEST, Math.min(1, MANY / curves.length));
    curves.forEach((curve, i) => {
      ctx.globalAlpha = this.run === null ? opacity : Math.min(opacity, 0.18);
      if (i !== this.run) this.drawCurve(curve, along, up, width * px, px);
    });
    if (this.run !== null) {
      ctx.globalAlpha = 1;
      this.drawCurve(curves[this.run], along, up, 3.5 * px, px);
    }
    ctx.restore();
  }

  /**
   * @param {Curve} curve @param {import("./near.js").Scale} along @param {import("./near.js").Scale} up
   * @param {number} width in canvas pixels @param {number} px canvas pixels per CSS pixel
   */
  drawCurve({ color, dash, x, y, raw }, along, up, width, px) {
    const { ctx } = this.uplot;
    ctx.strokeStyle = ctx.fillStyle = color;
    /** @param {ArrayLike<number>} heights */
    const stroke = (heights) => {
      ctx.beginPath();
      for (let i = 0; i < heights.length; i++) {
        ctx.lineTo(along.start + along.slope * x.values[i], up.start + up.slope * heights[i]);
      }
      ctx.stroke();
    };
    const alpha = ctx.globalAlpha;
    if (raw) {
      ctx.setLineDash([]);
      ctx.lineWidth = px;
      ctx.globalAlpha = 0.3 * alpha;
      stroke(raw.values);
      ctx.globalAlpha = alpha;
    }
    ctx.setLineDash(dash.map((length) => length * px));
    ctx.lineWidth = width;
    stroke(y.values);
    if (y.values.length === 1) {
      ctx.beginPath();
      ctx.arc(along.start + along.slope * x.values[0], up.start + up.slope * y.values[0], 2 * width, 0, 2 * Math.PI);
      ctx.fill();
    }
  }

  // Pointing

  /** @param {PointerEvent} event */
  move(event) {
    const frame = this.uplot.over.getBoundingClientRect();
    const { x, y } = this.ranges;
    const along = scaleOf(x, [0, frame.width]);
    const up = scaleOf(y, [frame.height, 0]);
    const place = /** @type {[number, number]} */ ([event.clientX - frame.left, event.clientY - frame.top]);
    const found = nearest(this.chart.curves, along, up, place, REACH);
    this.pointAt(found?.curve ?? null, found?.point ?? null);
  }

  /** Up and Down go through the runs; Escape ends the zoom. @param {KeyboardEvent} event */
  press(event) {
    if (event.key === "Escape") this.zoomTo(null);
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    const runs = this.chart.curves.length;
    if (!step || !runs) return;
    event.preventDefault();
    this.pointAt(this.run === null ? (step > 0 ? 0 : runs - 1) : (this.run + step + runs) % runs, null);
  }

  /** @param {number|null} run @param {number|null} at */
  pointAt(run, at) {
    this.at = at;
    if (run !== this.run) this.onPoint(run);
    this.describe();
  }

  /** Lets a run stand out. @param {number|null} run */
  highlight(run) {
    if (run === this.run) return;
    this.run = run !== null && run < this.chart.curves.length ? run : null;
    this.uplot.redraw(false);
    this.describe();
  }

  /** Names the run that stands out, with its value. */
  describe() {
    const { curves, y, percent } = this.chart;
    const curve = this.run === null ? null : curves[this.run];
    const last = curve ? curve.x.values.length - 1 : -1;
    if (!curve || last < 0) {
      this.text.textContent = `${y}: point at a curve`;
      this.text.style.color = "";
    } else {
      const at = Math.min(this.at ?? last, last);
      const value = legendNumber(curve.y.values[at], percent);
      this.text.textContent = `${curve.name}: ${value} (${this.x} ${grouped(Math.round(curve.x.values[at]))})`;
      this.text.style.color = curve.color;
    }
    const names = curves.length > CROWD ? `${curves.length} runs` : curves.map(({ name }) => name).join(", ");
    this.plot.setAttribute("aria-label", `${y} by ${this.x} of ${names}. ${this.text.textContent}`);
  }

  /** Saves the chart as a PNG file, on the page's background, with the names of the runs if they are few. */
  save() {
    const { canvas } = this.uplot.ctx;
    const px = uPlot.pxRatio;
    const theme = themeOf(this.element);
    const named = this.chart.curves.length > CROWD ? [] : this.chart.curves;
    const line = 20 * px;
    const picture = element("canvas", { width: canvas.width, height: canvas.height + (named.length + 1) * line });
    const context = contextOf(picture);
    context.fillStyle = theme.background;
    context.fillRect(0, 0, picture.width, picture.height);
    context.drawImage(canvas, 0, 0);
    context.font = `${14 * px}px ${theme.font}`;
    named.forEach(({ name, color, dash }, i) => {
      const y = canvas.height + (i + 0.5) * line;
      context.strokeStyle = context.fillStyle = color;
      context.lineWidth = 3 * px;
      context.setLineDash(dash.map((length) => length * px));
      context.beginPath();
      context.moveTo(12 * px, y);
      context.lineTo(48 * px, y);
      context.stroke();
      context.fillText(name, 58 * px, y + 5 * px);
    });
    element("a", { href: picture.toDataURL("image/png"), download: `${this.chart.y}.png` }).click();
  }

  destroy() {
    this.resized.disconnect();
    this.uplot?.destroy();
    this.element.remove();
  }
}
