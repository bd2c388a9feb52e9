// @ts-check
// Parallel coordinates: an axis for each setting, a line for each run.

import { component } from "../common/component.js";
import { button, contextOf, element, setText } from "../common/dom.js";
import { decode } from "../common/message.js";
import { themeOf } from "../curves/marks.js";
import { nearestLine, passing } from "./lines.js";
import { cut, rowsOf } from "./names.js";

const LEFT = 60; // CSS pixels beside the axes, for their texts
const RIGHT = 60;
const TOP = 26; // above them, for a row of their names
const ROW = 17; // each further row of names
const BOTTOM = 28; // below them, for the button
const READOUT = 18; // height of the line above the drawing
const GRAB = 24; // from an axis, where a drag keeps a part of it
const LEAST_DRAG = 4; // CSS pixels; less is a click
const REACH = 12; // from the pointer to the line that it points at
const QUIET = "#8c96a3"; // the least accurate run
const FONT = 13;

/**
 * @typedef {object} Axis
 * @property {string} name
 * @property {import("../common/message.js").NumberArray} values
 * @property {[number, number]} ends
 * @property {[number, string][]} ticks
 *
 * @typedef {object} ParallelData
 * @property {Axis[]} axes
 * @property {string[]} names of the runs
 * @property {import("../common/message.js").NumberArray} shades
 * @property {string} color
 * @property {string} label
 * @property {number} height
 */

class Parallel {
  /** @param {HTMLElement|ShadowRoot} parent */
  constructor(parent) {
    this.readout = element("output", { class: "pointed" });
    this.canvas = element("canvas", { tabindex: 0, role: "img" });
    const save = button("PNG", () => this.save(), { title: "Save this chart as a picture" });
    this.root = element("div", { class: "parallel" }, this.readout, this.canvas, save);
    parent.append(this.root);
    /** @type {ParallelData|null} */
    this.data = null;
    /** @type {import("./lines.js").Kept[]} */
    this.kept = [];
    this.run = -1; // the run that stands out
    this.rows = 1; // of names above the axes
    /** @type {{axis: number, from: number, y: number}|null} */
    this.drag = null;
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) this.canvas.addEventListener(name, () => (this.drag = null));
    this.canvas.addEventListener("touchstart", (event) => {
      if (this.axisAt(event.touches[0]) !== -1) event.preventDefault(); // else the browser scrolls the page
    }, { passive: false });
    this.canvas.addEventListener("pointerleave", () => this.pointAt(-1));
    this.canvas.addEventListener("blur", () => this.pointAt(-1));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.root);
  }

  /** @param {Uint8Array} message */
  receive(message) {
    /** @type {ParallelData} */
    const data = decode(message);
    const axes = data.axes.map(({ name }) => name).join("\n");
    if (axes !== this.data?.axes.map(({ name }) => name).join("\n")) this.kept = data.axes.map(() => null);
    this.data = data;
    this.run = Math.min(this.run, data.names.length - 1);
    this.draw();
  }

  // Where things are, in CSS pixels

  get width() {
    return this.root.clientWidth;
  }

  get height() {
    return (this.data?.height ?? 0) - READOUT;
  }

  /** Of the axes. @returns {number[]} */
  get places() {
    const axes = this.data?.axes ?? [];
    return axes.map((_, i) => LEFT + ((this.width - LEFT - RIGHT) * i) / Math.max(1, axes.length - 1));
  }

  /** Where the axes begin. */
  get top() {
    return TOP + ROW * (this.rows - 1);
  }

  /** The middle of the name of each axis, which stays inside the drawing. @param {number[]} widths of the names */
  middles(widths) {
    return this.places.map((x, i) => Math.max(widths[i] / 2, Math.min(x, this.width - widths[i] / 2)));
  }

  /** @param {Axis} axis @param {number} value */
  heightOf({ ends: [low, high] }, value) {
    return this.top + (this.height - this.top - BOTTOM) * (1 - (value - low) / (high - low || 1));
  }

  /** @param {Axis} axis @param {number} height */
  valueAt({ ends: [low, high] }, height) {
    return low + (1 - (height - this.top) / (this.height - this.top - BOTTOM)) * (high - low);
  }

  /** @param {{clientX: number, clientY: number}} event @returns {[number, number]} */
  pointOf(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** The axis under the pointer; -1 if there is none. @param {{clientX: number, clientY: number}} event */
  axisAt(event) {
    const [x] = this.pointOf(event);
    return this.places.findIndex((place) => Math.abs(place - x) <= GRAB);
  }

  /** Whether each run passes through what is kept of the axes. */
  get passing() {
    return passing(this.data?.axes.map(({ values }) => values.values) ?? [], this.kept, this.data?.names.length ?? 0);
  }

  // Drawing

  draw() {
    if (!this.data || !(this.width > 0)) return;
    const { axes, shades, color } = this.data;
    const px = window.devicePixelRatio;
    const theme = themeOf(this.root);
    const { canvas, places, width, height } = this;
    canvas.width = Math.round(width * px);
    canvas.height = Math.round(height * px);
    canvas.style.height = `${height}px`;
    const context = contextOf(canvas);
    context.scale(px, px);
    context.font = `${FONT}px ${theme.font}`;
    context.lineJoin = "round";
    const widths = axes.map(({ name }) => context.measureText(name).width);
    const middles = this.middles(widths);
    this.rows = rowsOf(middles, widths);
    const heights = axes.map((axis) => Array.from(axis.values.values, (value) => this.heightOf(axis, value)));
    const passes = this.passing;
    /** @param {number} run */
    const stroke = (run) => {
      context.beginPath();
      places.forEach((x, axis) => context.lineTo(x, heights[axis][run]));
      context.stroke();
    };
    const order = Array.from(passes.keys()).sort((one, other) => shades.values[one] - shades.values[other]); // the best run last
    for (const run of order.filter((one) => !passes[one])) {
      context.globalAlpha = 0.12;
      context.strokeStyle = QUIET;
      stroke(run);
    }
    for (const run of order.filter((one) => passes[one])) {
      context.globalAlpha = this.run === -1 ? 0.8 : 0.2;
      context.strokeStyle = `color-mix(in srgb, ${color} ${100 * shades.values[run]}%, ${QUIET})`;
      stroke(run);
    }
    context.globalAlpha = 1;
    if (this.run !== -1) {
      context.strokeStyle = theme.text;
      context.lineWidth = 3;
      stroke(this.run);
    }
    axes.forEach((axis, i) => this.drawAxis(context, axis, places[i], i, theme));
    axes.forEach(({ name }, i) => this.drawName(context, name, places[i], middles[i], i % this.rows, theme));
    this.describe(passes);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Axis} axis
   * @param {number} x
   * @param {number} number
   * @param {import("../curves/marks.js").Theme} theme
   */
  drawAxis(context, axis, x, number, theme) {
    const part = this.kept[number];
    context.lineWidth = 1;
    context.strokeStyle = theme.text;
    context.beginPath();
    context.moveTo(x, this.top);
    context.lineTo(x, this.height - BOTTOM);
    context.stroke();
    if (part) {
      const [bottom, top] = part.map((value) => this.heightOf(axis, value));
      context.lineWidth = 7;
      context.strokeStyle = this.data?.color ?? "";
      context.beginPath();
      context.moveTo(x, top);
      context.lineTo(x, bottom);
      context.stroke();
    }
    context.textAlign = number === 0 ? "right" : "left";
    context.textBaseline = "middle";
    const ends = number === 0 || number === this.places.length - 1;
    const room = ends ? Infinity : this.places[number + 1] - x - 14;
    for (const [value, text] of axis.ticks) {
      this.write(context, cut(context, text, room), x + (number === 0 ? -7 : 7), this.heightOf(axis, value), theme);
    }
  }

  /** Writes the name of an axis, in a row counted from below, with a thin line down to the axis.
   * @param {CanvasRenderingContext2D} context @param {string} name @param {number} x of the axis
   * @param {number} middle of the name @param {number} row
   * @param {import("../curves/marks.js").Theme} theme */
  drawName(context, name, x, middle, row, theme) {
    const base = this.top - 12 - ROW * row;
    context.lineWidth = 1;
    context.strokeStyle = theme.text;
    context.globalAlpha = 0.35;
    context.beginPath();
    context.moveTo(x, base + 4);
    context.lineTo(x, this.top);
    context.stroke();
    context.globalAlpha = 1;
    context.textAlign = "center";
    context.textBaseline = "alphabetic";
    this.write(context, name, middle, base, theme);
  }

  /** Writes a text that can be read on lines.
   * @param {CanvasRenderingContext2D} context @param {string} text @param {number} x @param {number} y
   * @param {import("../curves/marks.js").Theme} theme */
  write(context, text, x, y, theme) {
    context.lineWidth = 4;
    context.strokeStyle = theme.background;
    context.strokeText(text, x, y);
    context.fillStyle = theme.text;
    context.fillText(text, x, y);
  }

  /** Says in words what is shown, or which run is pointed at. @param {boolean[]} passes */
  describe(passes) {
    if (!this.data) return;
    const { names, label } = this.data;
    const left = passes.filter(Boolean).length;
    const all = left < names.length ? `${left} of ${names.length} runs. Escape shows all.` : `${names.length} runs: point at a line`;
    setText(this.readout, this.run === -1 ? all : names[this.run]);
    this.canvas.setAttribute("aria-label", `${label} ${this.readout.textContent}`);
  }

  // What the user does

  /** @param {PointerEvent} event */
  press(event) {
    const [, y] = this.pointOf(event);
    const axis = this.axisAt(event);
    if (axis === -1 || !this.data) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drag = { axis, from: this.valueAt(this.data.axes[axis], y), y };
    this.kept[axis] = null; // a click alone keeps all
    this.draw();
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.data) return;
    const [x, y] = this.pointOf(event);
    if (this.drag) {
      const { axis, from } = this.drag;
      if (!this.kept[axis] && Math.abs(y - this.drag.y) < LEAST_DRAG) return; // a hand is not that steady
      const to = this.valueAt(this.data.axes[axis], y);
      this.kept[axis] = [Math.min(from, to), Math.max(from, to)];
      this.draw();
      return;
    }
    this.canvas.style.cursor = this.axisAt(event) === -1 ? "" : "ns-resize";
    const heights = this.data.axes.map((axis) => Array.from(axis.values.values, (value) => this.heightOf(axis, value)));
    const passes = this.passing;
    this.pointAt(nearestLine(this.places, heights, [x, y], REACH, (run) => passes[run]));
  }

  /** @param {number} run */
  pointAt(run) {
    if (run === this.run) return;
    this.run = run;
    this.draw();
  }

  /** Up and Down go through the runs that are kept, by accuracy; Escape keeps all. @param {KeyboardEvent} event */
  key(event) {
    if (!this.data) return;
    const step = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (event.key === "Escape") {
      this.kept = this.kept.map(() => null);
      this.run = -1;
      this.draw();
    } else if (step) {
      const { shades } = this.data;
      const order = [...this.passing.entries()].filter(([, passes]) => passes).map(([run]) => run);
      order.sort((one, other) => shades.values[one] - shades.values[other]);
      const at = order.indexOf(this.run);
      if (order.length) this.pointAt(order[at === -1 ? order.length - 1 : (at + step + order.length) % order.length]);
    } else return;
    event.preventDefault();
  }

  /** Saves the drawing as a PNG file, on the page's background. */
  save() {
    const { canvas } = this;
    const picture = element("canvas", { width: canvas.width, height: canvas.height });
    const context = contextOf(picture);
    context.fillStyle = themeOf(this.root).background;
    context.fillRect(0, 0, picture.width, picture.height);
    context.drawImage(canvas, 0, 0);
    element("a", { href: picture.toDataURL("image/png"), download: "all settings.png" }).click();
  }

  destroy() {
    this.resized.disconnect();
    this.root.remove();
  }
}

export default component(Parallel);
