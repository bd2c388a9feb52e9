// @ts-check
// A section with a long vector, as rows of small cells.

import { colourize, swatchColour } from "../common/color.js";
import { element } from "../common/dom.js";
import { fourDigits, summaryText, summarize } from "../common/numbers.js";
import { Heading } from "./heading.js";
import { arrange } from "./mosaic.js";
import { Plate } from "./plate.js";
import { wrapStrip } from "./strip.js";

/** @typedef {import("./sections.js").Strip} Strip */

export class StripView {
  /** @param {Strip} section @param {import("./tile_grid.js").Context} context */
  constructor(section, context) {
    this.section = section;
    this.context = context;
    this.ratio = 1;
    this.heading = new Heading();
    this.plate = new Plate((cell) => this.hintAt(cell));
    this.plate.canvas.setAttribute("role", "img");
    this.holder = element("div", { class: "strip" }, this.plate.element);
    this.element = element("section", {}, this.heading.element, this.holder);
    /** @type {number|null} the framed number */
    this.framed = null;
    /** @type {import("./plate.js").FrameKind} */
    this.frameKind = "spot";
    this.plate.canvas.addEventListener("click", (event) => {
      const cell = context.explains && this.plate.clickedCell(event);
      const address = cell && this.addressOf(cell);
      if (address) context.choose(address);
    });
    context.painter.add(this.holder, () => this.draw());
  }

  /** @param {Strip} section @param {import("./tile_grid.js").Layout} layout */
  update(section, { ratio }) {
    const { name, note, signed, limit } = section;
    this.section = section;
    this.ratio = ratio;
    this.heading.update(section, { signed, limit });
    this.plate.canvas.setAttribute("aria-label", `${name}, ${note}, ${summaryText(summarize(section.values))}`);
    this.layOut();
  }

  draw() {
    const { values, signed, limit } = this.section;
    this.plate.draw(colourize(values, signed, limit));
  }

  /** Puts as many cells into a row as fit. Call it when the width changes. */
  layOut() {
    const count = this.section.values.length;
    const { cell, perRow } = wrapStrip(count, this.holder.clientWidth);
    this.plate.resize(arrange(1, Math.ceil(count / perRow), perRow, Math.round(cell * this.ratio), 0), this.ratio);
    this.context.painter.redraw(this.holder);
    this.showFrame();
  }

  /** @param {{row: number, column: number}} cell */
  addressOf({ row, column }) {
    const index = row * this.plate.mosaic.w + column;
    return index < this.section.values.length ? { section: this.section.name, index, row: 0, column: 0 } : null;
  }

  /** @param {{row: number, column: number}} cell */
  hintAt(cell) {
    const { values, name, signed, limit } = this.section;
    const address = this.addressOf(cell);
    if (!address) return null;
    const value = values[address.index];
    const [colour] = colourize([value], signed, limit);
    return { value: fourDigits(value), name, place: `number ${address.index}`, colour: swatchColour(colour), address };
  }

  /** @param {import("./explain.js").Area|null} area @param {import("./plate.js").FrameKind} kind */
  frame(area, kind) {
    this.framed = area && area.first;
    this.frameKind = kind;
    this.showFrame();
  }

  showFrame() {
    const { w } = this.plate.mosaic;
    const { framed } = this;
    const area = framed === null ? null : { row: Math.floor(framed / w), column: framed % w, height: 1, width: 1 };
    this.plate.frame(area, this.frameKind);
  }
}
