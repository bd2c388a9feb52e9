// @ts-check
// A drawing: markup from Python, which has escaped all names in it.

import { component } from "../common/component.js";
import { element } from "../common/dom.js";
import { Notes } from "./notes.js";

class Drawing {
  /** @param {HTMLElement|ShadowRoot} parent */
  constructor(parent) {
    this.root = element("div", { class: "drawing" });
    this.drawn = "";
    /** @type {[number, string][]} */
    this.drawings = [];
    this.notes = new Notes(this.root);
    parent.append(this.root, this.notes.element);
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.root);
  }

  /** @param {{drawings: [number, string][], notes: string[]}} data widths in pixels, rising, and the drawing for each */
  receive({ drawings, notes }) {
    this.drawings = drawings;
    this.notes.texts = notes;
    this.draw();
  }

  /** Draws what fits the width best. */
  draw() {
    const width = this.root.clientWidth;
    const markup = (this.drawings.findLast(([least]) => least <= width) ?? this.drawings[0])?.[1] ?? "";
    if (markup === this.drawn) return;
    this.root.innerHTML = this.drawn = markup;
    this.notes.drawn();
  }

  destroy() {
    this.resized.disconnect();
    this.notes.destroy();
    this.root.remove();
  }
}

export default component(Drawing);
