// @ts-check
// A confusion matrix as a table: a row for each true class, a column for each answer.

import { component } from "../common/component.js";
import { button, element, setText } from "../common/dom.js";
import { decode } from "../common/message.js";
import { partText, shadesOf, summed, textOf } from "./cells.js";

const MOST_LABELLED = 32; // classes that fit with their names, and
const MOST_NUMBERED = 16; // with a number in each cell
const ZOOMS = [1, 2, 4, 8];
const ALL = -1; // any class

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
    this.table = element("table", { role: "grid" });
    this.zoomButton = button("Zoom", () => this.zoomIn(), { class: "zoom" });
    this.readout = element("p", { class: "readout", "aria-live": "polite" });
    this.scroll = element("div", { class: "scroll" }, this.table);
    const line = element("div", { class: "line" }, this.readout, this.zoomButton);
    this.root = element("div", { class: "confusion" }, this.scroll, line);
    this.table.addEventListener("click", (event) => this.choose(event.target));
    this.table.addEventListener("keydown", (event) => this.press(event));
    this.table.addEventListener("pointerover", (event) => this.read(event.target));
    this.table.addEventListener("focusin", (event) => this.read(event.target));
    parent.append(this.root);
    this.zoom = ZOOMS[0];
    /** @type {HTMLElement[][]} first the line of the answers, and in each line first the true class */
    this.cells = [];
    /** @type {ConfusionData|null} */
    this.data = null;
    /** @type {Uint8Array|null} */
    this.message = null;
    this.count = summed([], 0);
  }

  /** @param {Uint8Array} message */
  receive(message) {
    if (message === this.message) return; // only the theme has changed: what was clicked since then stays chosen
    this.message = message;
    /** @type {ConfusionData} */
    const data = decode(message);
    const isNew = this.data?.names.length !== data.names.length;
    this.data = data;
    this.count = summed(data.counts.values, data.names.length);
    this.table.setAttribute("aria-label", data.label);
    if (isNew) this.build(data.names.length);
    this.fill(data);
    this.root.style.setProperty("--letters", String(Math.max(...data.names.map((name) => name.length))));
    this.frame(data.selected);
    this.resize();
  }

  /** Makes the cells. @param {number} size classes */
  build(size) {
    this.cells = Array.from({ length: size + 1 }, (_, row) =>
      Array.from({ length: size + 1 }, (_, column) => {
        const isHead = row === 0 || column === 0;
        const node = isHead ? element("th", { scope: row === 0 ? "col" : "row" }, element("span")) : element("td");
        if (row === column) node.classList.add("right");
        node.dataset.place = `${row} ${column}`;
        return node;
      }),
    );
    this.table.replaceChildren(...this.cells.map((cells) => element("tr", {}, ...cells)));
  }

  /** @param {ConfusionData} data */
  fill({ counts, shares, names }) {
    const shades = shadesOf((shares ?? counts).values, names.length);
    this.cells.forEach((cells, row) =>
      cells.forEach((cell, column) => {
        const at = (row - 1) * names.length + column - 1;
        if (row === 0 || column === 0) {
          const name = row > 0 ? names[row - 1] : column > 0 ? names[column - 1] : "all";
          setText(/** @type {Element} */ (cell.firstElementChild), name);
        } else {
          setText(cell, textOf(counts.values[at], shares?.values[at]));
          cell.style.setProperty("--shade", shades[at].toFixed(3));
        }
        cell.setAttribute("aria-label", this.textAt(row, column));
      }),
    );
  }

  /** What a place of the table stands for, in words. @param {number} row @param {number} column */
  textAt(row, column) {
    if (!this.data) return "";
    const { names, shares } = this.data;
    const share = row && column ? shares?.values[(row - 1) * names.length + column - 1] : undefined;
    return partText(names[row - 1], names[column - 1], this.count(row - 1, column - 1), share);
  }

  /** Marks the chosen part; Tab enters the table there. @param {[number, number]} selected */
  frame([truth, answer]) {
    if (!this.data) return;
    const row = truth === ALL ? 0 : this.data.ids.indexOf(truth) + 1;
    const column = answer === ALL ? 0 : this.data.ids.indexOf(answer) + 1;
    for (const [i, cells] of this.cells.entries()) {
      for (const [j, cell] of cells.entries()) {
        cell.classList.toggle("chosen", i === row && j === column);
        cell.classList.toggle("in_row", row > 0 && column === 0 && i === row);
        cell.classList.toggle("in_column", column > 0 && row === 0 && j === column);
        cell.setAttribute("aria-selected", String(i === row && j === column));
        cell.tabIndex = i === row && j === column ? 0 : -1;
      }
    }
    setText(this.readout, this.textAt(row, column));
  }

  /** The place of a cell in the table. @param {EventTarget|null} target */
  placeOf(target) {
    const cell = target instanceof Element ? target.closest("[data-place]") : null;
    return cell instanceof HTMLElement ? (cell.dataset.place ?? "").split(" ").map(Number) : null;
  }

  /** Says in words what the pointer or the focus is on. @param {EventTarget|null} target */
  read(target) {
    const place = this.placeOf(target);
    if (place) setText(this.readout, this.textAt(place[0], place[1]));
  }

  /** @param {EventTarget|null} target */
  choose(target) {
    const place = this.placeOf(target);
    if (!place || !this.data) return;
    const { ids } = this.data;
    const [truth, answer] = place.map((at) => (at === 0 ? ALL : ids[at - 1]));
    this.frame([truth, answer]);
    this.python.setState("cell", [truth, answer]);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const place = this.placeOf(event.target);
    if (!place) return;
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    if (event.key === "Enter" || event.key === " ") this.choose(event.target);
    else if (event.key in moves) this.cells[place[0] + moves[event.key][0]]?.[place[1] + moves[event.key][1]]?.focus();
    else return;
    event.preventDefault();
  }

  zoomIn() {
    this.zoom = ZOOMS[(ZOOMS.indexOf(this.zoom) + 1) % ZOOMS.length];
    this.resize();
    const chosen = this.cells.flat().find((cell) => cell.tabIndex === 0);
    if (!chosen) return;
    // The chosen part comes to the middle of the matrix. scrollIntoView would scroll the page, too.
    const { clientWidth, clientHeight } = this.scroll;
    this.scroll.scrollTo(chosen.offsetLeft - clientWidth / 2, chosen.offsetTop - clientHeight / 2);
  }

  /** Makes room for as much as fits: names, and numbers in the cells. */
  resize() {
    const size = this.cells.length - 1;
    this.zoomButton.hidden = size <= MOST_NUMBERED;
    setText(this.zoomButton, `Zoom: ${this.zoom} ×`);
    this.root.style.setProperty("--classes", String(size));
    this.root.style.setProperty("--zoom", String(this.zoom));
    this.root.classList.toggle("labelled", size / this.zoom <= MOST_LABELLED);
    this.root.classList.toggle("numbered", size / this.zoom <= MOST_NUMBERED);
    this.root.classList.toggle("wide", size <= 5);
  }

  destroy() {
    this.root.remove();
  }
}

export default component(Confusion);
