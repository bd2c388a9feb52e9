// @ts-check
// A confusion matrix: a row for each true class, a column for each answer. The cells are drawn on a canvas, and only
// those in view, because 100 classes have 10,000 of them.

import { component } from "../common/component.js";
import { button, contextOf, element, setText } from "../common/dom.js";
import { decode } from "../common/message.js";
import { boxOf, partText, placeAt, shadesOf, summed, textOf } from "./cells.js";

const MOST_LABELLED = 32; // classes that fit with their names, and
const MOST_NUMBERED = 16; // with a number in each cell
const ZOOMS = [1, 2, 4, 8];
const END = 6; // letters of a name that stay when it is cut
const ALL = -1; // any class
const RIGHT = 0.35; // opacity of the darkest cell with right answers, and
const WRONG = 0.55; // with wrong ones

/** @typedef {import("./cells.js").Place} Place */

/** A name that is cut in its middle if it has no room: long names often begin alike. @param {string} name */
function named(name) {
  const letters = [...name];
  return element("span", { class: "name" }, element("span", {}, letters.slice(0, -END).join("")), letters.slice(-END).join(""));
}

/**
 * @typedef {object} ConfusionData
 * @property {import("../common/message.js").NumberArray} counts (n, n)
 * @property {import("../common/message.js").NumberArray|null} shares (n, n)
 * @property {string} label of the whole matrix
 * @property {string[]} names of the classes, in the order of the rows
 * @property {number[]} ids of the classes, in the order of the rows
 * @property {[number, number]} selected the ids of a true class and an answer, or ALL
 */

class Confusion {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.python = python;
    this.canvas = element("canvas", { "aria-hidden": "true" });
    this.corner = element("span", { class: "corner", "aria-hidden": "true" }, "all");
    this.answers = element("div", { class: "answers", "aria-hidden": "true" });
    this.truths = element("div", { class: "truths", "aria-hidden": "true" });
    this.frame = element("div", { class: "frame" }); // around the chosen part
    this.cell = element("div", { class: "cell", role: "gridcell", tabindex: 0 }); // under the pointer or the focus
    this.sheet = element(
      "div", { class: "sheet", role: "grid" },
      this.canvas, this.frame, this.answers, this.truths, this.corner, element("div", { role: "row" }, this.cell),
    );
    this.scroll = element("div", { class: "scroll" }, this.sheet);
    this.zoomButton = button("Zoom", () => this.zoomIn(), { class: "zoom" });
    this.readout = element("p", { class: "readout", "aria-live": "polite" });
    this.root = element("div", { class: "confusion" }, this.scroll, element("div", { class: "line" }, this.readout, this.zoomButton));
    this.scroll.addEventListener("click", (event) => this.choose(this.placeOf(event)));
    this.scroll.addEventListener("pointermove", (event) => this.pointAt(this.placeOf(event)));
    this.scroll.addEventListener("pointerleave", () => this.pointAt(this.chosen));
    this.scroll.addEventListener("scroll", () => this.draw());
    this.cell.addEventListener("keydown", (event) => this.press(event));
    parent.append(this.root);
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.root);
    this.zoom = ZOOMS[0];
    /** @type {ConfusionData|null} */
    this.data = null;
    /** @type {Uint8Array|null} */
    this.message = null;
    this.count = summed([], 0);
    this.shades = new Float32Array();
    /** @type {Place} */
    this.chosen = { row: 0, column: 0 };
    /** @type {Place} */
    this.at = this.chosen;
  }

  /** @param {Uint8Array} message */
  receive(message) {
    if (message === this.message) { // only the theme has changed: what was clicked since then stays chosen
      this.draw();
      return;
    }
    this.message = message;
    /** @type {ConfusionData} */
    const data = decode(message);
    const { counts, shares, names, ids, selected } = data;
    if (names.join("\n") !== this.data?.names.join("\n")) {
      for (const heads of [this.answers, this.truths]) heads.replaceChildren(...names.map((name) => element("span", {}, named(name))));
    }
    this.data = data;
    this.count = summed(counts.values, names.length);
    this.shades = shadesOf((shares ?? counts).values, names.length);
    this.sheet.setAttribute("aria-label", data.label);
    this.sheet.setAttribute("aria-rowcount", String(names.length + 1));
    this.sheet.setAttribute("aria-colcount", String(names.length + 1));
    this.root.style.setProperty("--letters", String(Math.max(...names.map((name) => name.length))));
    const [row, column] = selected.map((id) => (id === ALL ? 0 : ids.indexOf(id) + 1));
    this.chosen = { row, column };
    this.resize();
    const isMoving = this.cell.matches(":focus") && Math.max(this.at.row, this.at.column) <= names.length;
    this.pointAt(isMoving ? this.at : this.chosen); // a slow answer must not move the focus
  }

  // Where things are

  /** The sizes of the matrix and what of it is in view, in CSS pixels. */
  get grid() {
    const { scrollLeft, scrollTop } = this.scroll;
    const size = this.data?.names.length ?? 0;
    const cell = this.answers.getBoundingClientRect().width / Math.max(1, size);
    return { size, cell, side: this.corner.offsetWidth, top: this.corner.offsetHeight, scrollLeft, scrollTop };
  }

  /** @param {MouseEvent} event @returns {Place|null} */
  placeOf(event) {
    const box = this.scroll.getBoundingClientRect();
    return placeAt(this.grid, event.clientX - box.left, event.clientY - box.top);
  }

  /** Puts an element around a part of the matrix. @param {HTMLElement} node @param {import("./cells.js").Box} box */
  put(node, { left, top, width, height }) {
    Object.assign(node.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  }

  // What it shows

  /** Makes room for as much as fits: names, and numbers in the cells. */
  resize() {
    const size = this.data?.names.length ?? 0;
    this.zoomButton.hidden = size <= MOST_NUMBERED;
    setText(this.zoomButton, `Zoom: ${this.zoom} ×`);
    this.root.style.setProperty("--classes", String(size));
    this.root.style.setProperty("--zoom", String(this.zoom));
    this.root.classList.toggle("labelled", size / this.zoom <= MOST_LABELLED);
    this.root.classList.toggle("numbered", size / this.zoom <= MOST_NUMBERED);
    this.root.classList.toggle("wide", size <= 5);
    this.draw();
  }

  /** Draws the cells in view, and marks the chosen part. */
  draw() {
    if (!this.data) return;
    const { counts, shares, names } = this.data;
    const grid = this.grid;
    const { cell, side, top, scrollLeft, scrollTop, size } = grid;
    const { chosen, canvas, root } = this;
    const px = window.devicePixelRatio;
    const width = Math.min(size * cell, this.scroll.clientWidth - side);
    const height = Math.min(size * cell, this.scroll.clientHeight - top);
    if (!(width > 0 && height > 0)) return; // not on the screen yet
    canvas.width = Math.round(width * px);
    canvas.height = Math.round(height * px);
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    const style = getComputedStyle(root);
    const [text, line, wrong] = [style.color, style.getPropertyValue("--st-border-color"), getComputedStyle(canvas).color];
    const context = contextOf(canvas);
    context.scale(px, px);
    context.font = `${Math.min(13.6, cell / 2.4)}px ${style.fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 1;
    context.strokeStyle = line;
    const isNumbered = root.classList.contains("numbered");
    const isLined = root.classList.contains("labelled");
    /** @param {number} from @param {number} length the first cell in view, and the one after the last */
    const inView = (from, length) => [Math.max(0, Math.floor(from / cell)), Math.min(size, Math.ceil((from + length) / cell))];
    const [[first, last], [left, right]] = [inView(scrollTop, height), inView(scrollLeft, width)];
    for (let row = first; row < last; row++) {
      for (let column = left; column < right; column++) {
        const at = row * size + column;
        const [x, y] = [column * cell - scrollLeft, row * cell - scrollTop];
        context.globalAlpha = this.shades[at] * (row === column ? RIGHT : WRONG);
        context.fillStyle = row === column ? text : wrong;
        if (this.shades[at]) context.fillRect(x, y, cell, cell);
        context.globalAlpha = 1;
        if (isLined) context.strokeRect(x, y, cell, cell);
        context.fillStyle = text;
        if (isNumbered && counts.values[at]) context.fillText(textOf(counts.values[at], shares?.values[at]), x + cell / 2, y + cell / 2);
      }
    }
    context.strokeRect(0.5 - scrollLeft, 0.5 - scrollTop, size * cell - 1, size * cell - 1);
    this.put(this.frame, boxOf(grid, chosen));
    for (const [heads, place] of /** @type {[HTMLElement, number][]} */ ([[this.truths, chosen.row], [this.answers, chosen.column]])) {
      names.forEach((_, i) => heads.children[i].classList.toggle("chosen", i === place - 1));
    }
    this.corner.classList.toggle("chosen", chosen.row === 0 && chosen.column === 0);
    this.put(this.cell, boxOf(grid, this.at, true));
  }

  /** What a part of the matrix stands for, in words. @param {Place} place */
  textAt({ row, column }) {
    if (!this.data) return "";
    const { names, shares } = this.data;
    const share = row && column ? shares?.values[(row - 1) * names.length + column - 1] : undefined;
    return partText(names[row - 1], names[column - 1], this.count(row - 1, column - 1), share);
  }

  /** Says in words what the pointer or the focus is on. @param {Place|null} place */
  pointAt(place) {
    if (!place) return;
    this.at = place;
    const { row, column } = place;
    this.put(this.cell, boxOf(this.grid, place, true));
    this.cell.classList.toggle("head", row === 0 || column === 0);
    this.cell.setAttribute("aria-rowindex", String(row + 1));
    this.cell.setAttribute("aria-colindex", String(column + 1));
    this.cell.setAttribute("aria-label", this.textAt(place));
    this.cell.setAttribute("aria-selected", String(row === this.chosen.row && column === this.chosen.column));
    setText(this.readout, this.textAt(place));
  }

  // What the user does

  /** @param {Place|null} place */
  choose(place) {
    if (!place || !this.data) return;
    const { ids } = this.data;
    this.chosen = place;
    this.draw();
    this.pointAt(place);
    this.python.setState("cell", [place.row, place.column].map((at) => (at === 0 ? ALL : ids[at - 1])));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    if (event.key === "Enter" || event.key === " ") this.choose(this.at);
    else if (event.key in moves) {
      const [down, across] = moves[event.key];
      const last = this.data?.names.length ?? 0;
      /** @param {number} at */
      const within = (at) => Math.min(Math.max(at, 0), last);
      this.pointAt({ row: within(this.at.row + down), column: within(this.at.column + across) });
      this.bringIntoView(this.at);
    } else return;
    event.preventDefault();
  }

  /** Scrolls the matrix, and not the page, until a cell is in view. @param {Place} place */
  bringIntoView(place) {
    const { side, top } = this.grid;
    const { left, top: up, width, height } = boxOf(this.grid, place);
    const { clientWidth, clientHeight, scrollLeft, scrollTop } = this.scroll;
    const x = Math.max(left + width - clientWidth, Math.min(scrollLeft, left - side));
    const y = Math.max(up + height - clientHeight, Math.min(scrollTop, up - top));
    this.scroll.scrollTo(place.column ? x : scrollLeft, place.row ? y : scrollTop);
  }

  /** The chosen part comes to the middle of the matrix. */
  zoomIn() {
    this.zoom = ZOOMS[(ZOOMS.indexOf(this.zoom) + 1) % ZOOMS.length];
    this.resize();
    const { left, top } = boxOf(this.grid, this.chosen);
    this.scroll.scrollTo(left - this.scroll.clientWidth / 2, top - this.scroll.clientHeight / 2);
    this.pointAt(this.chosen);
  }

  destroy() {
    this.resized.disconnect();
    this.root.remove();
  }
}

export default component(Confusion);
