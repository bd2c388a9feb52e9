// @ts-check
// Small images as points on a map. Pointing at a point shows its image.

import { colourizeImage } from "../common/color.js";
import { component } from "../common/component.js";
import { element, paint, svg } from "../common/dom.js";
import { decode } from "../common/message.js";
import { nearestTo, nextTo, placed } from "./places.js";

const WIDTH = 640; // of the drawing, in its own units; CSS scales it to its place
const HEIGHT = 420;
const MARGIN = 16;
const REACH = 14; // how far from a point the pointer may be

/**
 * @typedef {object} ScatterData
 * @property {import("../common/message.js").NumberArray} points (n, 2)
 * @property {import("../common/message.js").NumberArray} images (n, h, w, c)
 * @property {number[]} ids
 * @property {number[]} groups
 * @property {string} label
 * @property {string[]} captions
 * @property {string[]} names
 * @property {string[]} colors
 * @property {string[]} axes
 * @property {[number, number]|null} ring
 * @property {number|null} selected an id
 */

class Scatter {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.python = python;
    this.dots = svg("g");
    this.ring = svg("circle", { class: "ring", r: 11 });
    this.drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, tabindex: 0, role: "application" }, this.dots, this.ring);
    this.canvas = element("canvas");
    this.caption = element("span", { "aria-live": "polite" });
    this.card = element("div", { class: "card", hidden: true }, this.canvas, this.caption);
    this.legend = element("div", { class: "legend" });
    this.axes = [element("div", { class: "x" }), element("div", { class: "y" })];
    this.root = element("div", { class: "scatter" }, this.legend, this.axes[1], element("div", { class: "plot" }, this.drawing, this.card), this.axes[0]);
    parent.append(this.root);
    /** @type {import("./places.js").Place[]} */
    this.places = [];
    /** @type {ScatterData|null} */
    this.data = null;
    this.at = -1; // the index of the point whose image is shown
    this.drawing.addEventListener("pointermove", (event) => this.pointAt(nearestTo(this.places, this.inDrawing(event), REACH)));
    this.drawing.addEventListener("pointerleave", () => this.pointAt(-1));
    this.drawing.addEventListener("click", (event) => this.choose(nearestTo(this.places, this.inDrawing(event), REACH)));
    this.drawing.addEventListener("blur", () => this.pointAt(-1));
    this.drawing.addEventListener("keydown", (event) => this.press(event));
  }

  /** @param {Uint8Array} message */
  receive(message) {
    /** @type {ScatterData} */
    const data = decode(message);
    this.data = data;
    const { places, place } = placed(data.points.values, WIDTH, HEIGHT, MARGIN);
    this.places = places;
    this.drawing.setAttribute("aria-label", `${data.label} Arrow keys move from image to image, Enter chooses one.`);
    this.dots.replaceChildren(
      ...places.map(({ x, y }, i) =>
        svg("circle", { cx: x, cy: y, r: 4.5, fill: data.colors[data.groups[i]], class: data.ids[i] === data.selected ? "selected" : null }),
      ),
    );
    const ring = data.ring && place(...data.ring);
    this.ring.classList.toggle("absent", !ring);
    if (ring) {
      // A point beyond the others is marked at the edge.
      this.ring.setAttribute("cx", String(Math.min(Math.max(ring.x, 11), WIDTH - 11)));
      this.ring.setAttribute("cy", String(Math.min(Math.max(ring.y, 11), HEIGHT - 11)));
    }
    const present = [...new Set(data.groups)].sort((a, b) => a - b);
    this.legend.replaceChildren(
      ...present.map((group) => element("span", { style: `--color: ${data.colors[group]}` }, data.names[group])),
      ...(ring ? [element("span", { class: "own" }, "the chosen image")] : []),
    );
    this.axes.forEach((axis, i) => (axis.textContent = data.axes[i]));
    this.pointAt(this.at < places.length ? this.at : -1);
  }

  /** @param {MouseEvent} event */
  inDrawing(event) {
    const box = this.drawing.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * WIDTH, y: ((event.clientY - box.top) / box.height) * HEIGHT };
  }

  /** Shows the image of a point; -1: none. @param {number} at */
  pointAt(at) {
    this.dots.children[this.at]?.classList.remove("pointed");
    this.at = at;
    this.card.hidden = at === -1;
    if (at === -1 || !this.data) return;
    this.dots.children[at].classList.add("pointed");
    const { images, captions } = this.data;
    const [, height, width, depth] = images.shape;
    const size = height * width * depth;
    paint(this.canvas, colourizeImage(images.values.subarray(at * size, (at + 1) * size), depth), width, height);
    this.caption.textContent = captions[at];
    const { x, y } = this.places[at];
    this.card.classList.toggle("left", x > WIDTH / 2);
    this.card.classList.toggle("above", y > HEIGHT / 2);
    this.card.style.left = `${(100 * x) / WIDTH}%`;
    this.card.style.top = `${(100 * y) / HEIGHT}%`;
  }

  /** @param {number} at */
  choose(at) {
    if (at !== -1 && this.data) this.python.trigger("chosen", this.data.ids[at]);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (!this.places.length || !this.data) return;
    if (event.key === "Enter") this.choose(this.at);
    else if (event.key === "Escape") this.pointAt(-1);
    else if (event.key.startsWith("Arrow")) {
      const next = this.at === -1 ? Math.max(this.data.ids.indexOf(this.data.selected ?? -1), 0) : nextTo(this.places, this.at, event.key);
      if (next !== -1) this.pointAt(next);
    } else return;
    event.preventDefault();
  }

  destroy() {
    this.root.remove();
  }
}

export default component(Scatter);
