// @ts-check
// An image to paint on with a mouse, pen, finger or the keyboard.

import { rgbOf } from "../common/color.js";
import { component } from "../common/component.js";
import { button, element, paint, placeBox } from "../common/dom.js";
import { decode } from "../common/message.js";
import { Reporter } from "../common/reporter.js";
import { Painting } from "./painting.js";

const HELP = "Arrow keys move the brush, the space bar paints";
/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @typedef {object} BrushData
 * @property {string} label identifies the image to Python
 * @property {string} name
 * @property {import("../common/message.js").NumberArray} image (h, w, c)
 * @property {import("../common/message.js").NumberArray} painting (h, w, c + 1)
 * @property {Record<string, number[]>} colors
 * @property {number} opacity of the painting, 0..1
 * @property {boolean} live whether to report while the brush moves
 * @property {number} answered number of the last report that Python received
 */

/** @param {number[]} color */
const css = (color) => `rgb(${color.length === 3 ? color : [color, color, color]})`;

class Brush {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.reporter = new Reporter((report) => python.setState("report", report));
    this.label = "";
    this.opacity = 1;
    this.live = true;
    /** @type {ArrayLike<number>} */
    this.pixels = [];
    this.painting = new Painting(0, 0, 1, new Uint8Array());
    /** @type {Record<string, number[]>} */
    this.colors = {};
    /** @type {{input: HTMLInputElement, element: HTMLElement}[]} one for each colour */
    this.swatches = [];
    this.position = [0, 0]; // of the brush: x and y in pixels of the image
    this.isDown = false;
    this.heading = element("h2");
    this.canvas = element("canvas", { tabindex: 0, title: HELP, role: "application" });
    this.tip = element("div", { class: "tip" }); // outlines what the brush would paint
    this.spokenPosition = element("output", { class: "where" }); // for screen readers
    this.stage = element("div", { class: "stage" }, this.canvas, this.tip, this.spokenPosition);
    this.palette = element("div", { class: "swatches", role: "radiogroup", "aria-label": "Colour of the brush" });
    const label = "another colour";
    this.customColor = element("input", { type: "color", value: "#e08030", title: label, "aria-label": label });
    this.customColor.addEventListener("input", () => this.swatches.forEach(({ input }) => (input.checked = false)));
    this.size = element("input", { type: "range", min: 1 });
    this.undo = button("Undo", () => this.change(() => this.painting.undo()));
    this.clear = button("Clear", () => this.change(() => this.painting.clear()));
    const size = element("label", { class: "size" }, "Size", this.size);
    const tools = element("div", { class: "tools" }, size, this.undo, this.clear);
    this.root = element("div", { class: "brush" }, this.heading, this.stage, this.palette, tools);
    this.listen();
    parent.append(this.root);
  }

  /** The browser's painting is newer than Python's, so it is replaced only when the image changes. @param {Uint8Array} message */
  receive(message) {
    /** @type {BrushData} */
    const data = decode(message);
    if (data.label !== this.label) this.load(data);
    this.reporter.answer(data.answered);
  }

  /** @param {BrushData} data */
  load({ label, name, colors, image, painting, opacity, live }) {
    const [height, width, channels] = image.shape;
    this.end();
    if (width !== this.canvas.width || !this.label) {
      this.size.max = String(Math.ceil(width / 3));
      this.size.value = String(Math.round(width / 12));
      this.position = [width / 2, height / 2];
    }
    const hasNewColors = Object.keys(colors).join() !== Object.keys(this.colors).join();
    this.label = label;
    this.opacity = opacity;
    this.live = live;
    this.pixels = image.values;
    this.painting = new Painting(height, width, channels, Uint8Array.from(painting.values));
    this.colors = colors;
    this.canvas.width = width;
    this.canvas.height = height;
    this.heading.textContent = name;
    this.canvas.setAttribute("aria-label", `${name}. ${HELP}`);
    this.stage.style.setProperty("--columns", String(width));
    if (hasNewColors) this.buildPalette(Object.keys(colors), channels === 3);
    for (const { input } of this.swatches) input.style.setProperty("--color", css(colors[input.value]));
    this.draw();
  }

  /** A swatch for each colour, and a colour picker. @param {string[]} names @param {boolean} hasPicker */
  buildPalette(names, hasPicker) {
    this.swatches = names.map((value) => {
      const input = element("input", { type: "radio", name: "color", value, title: value, "aria-label": value });
      return { input, element: element("label", {}, input, value === "erase" ? value : "") };
    });
    this.swatches[0].input.checked = true;
    this.palette.hidden = names.length === 1;
    this.palette.replaceChildren(...this.swatches.map((one) => one.element), ...(hasPicker ? [this.customColor] : []));
  }

  get color() {
    const chosen = this.swatches.find(({ input }) => input.checked);
    return chosen ? this.colors[chosen.input.value] : rgbOf(this.customColor.value);
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.position = this.pointUnder(event);
      this.begin();
    });
    canvas.addEventListener("pointermove", (event) => {
      const events = event.getCoalescedEvents();
      for (const one of events.length ? events : [event]) this.moveTo(this.pointUnder(one));
    });
    for (const name of ["pointerup", "pointercancel", "blur"]) canvas.addEventListener(name, () => this.end());
    canvas.addEventListener("keydown", (event) => this.press(event));
    canvas.addEventListener("keyup", (event) => event.key === " " && this.end());
    this.size.addEventListener("input", () => this.showTip());
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const move = MOVES[event.key];
    if (event.key === " ") {
      if (!this.isDown) this.begin();
    } else if (move) {
      /** The middle of the nearest pixel. @param {number} value @param {number} length */
      const snap = (value, length) => Math.min(length - 0.5, Math.max(0.5, Math.floor(value) + 0.5));
      const [x, y] = this.position;
      this.moveTo([snap(x + move[0], this.canvas.width), snap(y + move[1], this.canvas.height)]);
      this.spokenPosition.textContent = `row ${Math.floor(this.position[1])}, column ${Math.floor(this.position[0])}`;
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      this.undo.click();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The point of the image under the pointer, x and y in its pixels. @param {PointerEvent} event */
  pointUnder({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return [
      ((clientX - box.left) / box.width) * this.canvas.width,
      ((clientY - box.top) / box.height) * this.canvas.height,
    ];
  }

  begin() {
    this.isDown = true;
    this.painting.remember();
    this.moveTo(this.position);
  }

  /** @param {number[]} position x and y in pixels */
  moveTo(position) {
    const from = this.position;
    this.position = position;
    this.showTip();
    if (this.isDown) this.change(() => this.painting.line(from, position, Number(this.size.value), this.color));
  }

  end() {
    if (this.isDown) this.change(() => (this.isDown = false));
  }

  /** Changes the painting, draws it and reports it. @param {() => void} action */
  change(action) {
    action();
    this.draw();
    if (!this.live && this.isDown) return;
    const { label, painting, isDown } = this; // the report may be sent when another image is shown
    this.reporter.report(() => ({ image: label, painting: painting.base64(), down: isDown }));
  }

  draw() {
    paint(this.canvas, this.painting.over(this.pixels, this.opacity), this.painting.width, this.painting.height);
    this.undo.disabled = !this.painting.past.length;
    this.clear.disabled = this.painting.isEmpty;
    this.showTip();
  }

  showTip() {
    const { width, height } = this.canvas;
    const [x, y] = this.position;
    const size = Number(this.size.value);
    placeBox(this.tip, {
      left: (x - size / 2) / width, top: (y - size / 2) / height, width: size / width, height: size / height,
    });
    this.size.setAttribute("aria-valuetext", `${size} pixels`);
  }

  destroy() {
    this.reporter.destroy();
    this.root.remove();
  }
}

export default component(Brush);
