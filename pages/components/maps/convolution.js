// @ts-check
// Shows one value of a convolution: for each input channel, patch × kernel = products, as grids of numbers.

import { colourize, colourizeChannel } from "../common/color.js";
import { bringIntoView, button, element, setText } from "../common/dom.js";
import { fourDigits, largestLimit, allDigits, summarize } from "../common/numbers.js";
import { stretchBar } from "./bar.js";
import { cellSide } from "./grids.js";
import { arrange, GAP_COLOUR } from "./mosaic.js";
import { Plate } from "./plate.js";
import { addressName, addressPlace, brightness, channelName, tileLimit } from "./sections.js";
import { hoverable } from "./tooltip.js";

/**
 * @typedef {import("./explain.js").ConvExplanation} ConvExplanation
 * @typedef {import("./sections.js").Address} Address
 * @typedef {import("./mosaic.js").Cell} Cell
 *
 * @typedef {object} Context
 * @property {import("./lazy_painter.js").LazyPainter} painter
 * @property {(address: Address) => void} follow
 *
 * What all channel rows of an explanation share.
 * @typedef {object} Scene
 * @property {ConvExplanation} explanation
 * @property {[rows: number, columns: number]} kernel
 * @property {number} cell in device pixels
 * @property {number} ratio device pixels per CSS pixel
 * @property {boolean} shared one scale for all maps
 * @property {number} kernelLimit
 * @property {number} productLimit
 */

/** The name of a channel of the source. @param {ConvExplanation} explanation @param {number} index */
function nameOf({ source }, index) {
  return source.kind === "picture" ? channelName(source, index) : addressName(source, { index });
}

export class ChannelList {
  /** @param {Context} context */
  constructor(context) {
    this.context = context;
    /** @type {ChannelRow[]} */
    this.rows = [];
    this.sums = new SumBars((at) => bringIntoView(this.rows[at].element));
    this.list = element("div");
    this.element = element("div", {}, this.sums.element, this.list);
  }

  /** @param {ConvExplanation} explanation @param {{shared: boolean, ratio: number, width: number}} settings width: available CSS pixels */
  update(explanation, { shared, ratio, width }) {
    const { section, address, channels } = explanation;
    const { kernel } = explanation.origin;
    const companions = section.kind === "tiles" ? section.beside : null;
    const scene = {
      explanation, kernel, shared, ratio,
      cell: Math.max(1, Math.floor(cellSide(kernel, width) * ratio)),
      kernelLimit: companions ? tileLimit(companions, address.index, shared)
        : largestLimit(channels.map(({ weights }) => summarize(weights))),
      productLimit: largestLimit(channels.map(({ products }) => summarize(products))),
    };
    if (this.rows.length !== channels.length) this.build(channels.length);
    this.sums.update(explanation);
    for (const row of this.rows) row.update(scene);
  }

  /** @param {number} count */
  build(count) {
    for (const row of this.rows) this.context.painter.remove(row.element);
    this.rows = Array.from({ length: count }, (_, at) => new ChannelRow(at, this.context));
    this.list.replaceChildren(...this.rows.map((row) => row.element));
    this.sums.build(count);
  }
}

const FEW_CHANNELS = 3; // with so few, all rows are visible without bars

/** A bar for each input channel: how much it adds to the sum. A click scrolls to the channel's row. */
class SumBars {
  /** @param {(at: number) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.element = element("div", { class: "columns signed sums" });
    /** @type {HTMLElement[]} */
    this.bars = [];
    /** @type {ConvExplanation|null} */
    this.explanation = null;
  }

  /** @param {number} count */
  build(count) {
    this.element.hidden = count <= FEW_CHANNELS;
    this.bars = Array.from({ length: this.element.hidden ? 0 : count }, (_, at) => {
      const track = element("span", { class: "track" }, element("span", { class: "fill" }));
      const bar = element("div", { class: "bar", role: "none" }, track);
      bar.addEventListener("click", () => this.choose(at));
      hoverable.set(bar, { hint: () => this.hint(at), leave() {} });
      return bar;
    });
    this.element.replaceChildren(...this.bars);
  }

  /** @param {number} at */
  hint(at) {
    if (!this.explanation) return null;
    const { index, sum } = this.explanation.channels[at];
    return { value: fourDigits(sum), name: nameOf(this.explanation, index), place: "sum of its products" };
  }

  /** @param {ConvExplanation} explanation */
  update(explanation) {
    this.explanation = explanation;
    const sums = explanation.channels.map(({ sum }) => sum);
    const { limit } = summarize(sums);
    this.bars.forEach((bar, at) => stretchBar(bar, sums[at], limit, true));
  }
}

/** One input channel. Hovering over a cell shows its multiplication; a click follows the input value to its layer. */
class ChannelRow {
  /** @param {number} at index among the filter's channels @param {Context} context */
  constructor(at, { painter, follow }) {
    this.at = at;
    this.painter = painter;
    this.follow = follow;
    /** @type {Scene|null} */
    this.scene = null;
    this.name = button("", () => this.followStrongest(), {
      class: "link", title: "Follow the largest product to its layer",
    });
    this.sum = element("span", { class: "number-text" });
    this.plates = ["values", "weights", "products"].map((label) => this.makePlate(label));
    const [patch, kernel, products] = this.plates.map((plate) => plate.element);
    /** @param {string} text */
    const sign = (text) => element("span", { class: "sign", "aria-hidden": "true" }, text);
    const grids = element("div", { class: "grids" }, patch, sign("×"), kernel, sign("="), products);
    const header = element("header", {}, this.name, element("span", {}, "sum ", this.sum));
    this.element = element("div", { class: "channel" }, header, grids);
    painter.add(this.element, () => this.draw());
  }

  /** @param {string} label */
  makePlate(label) {
    const plate = new Plate();
    plate.canvas.setAttribute("role", "img");
    plate.canvas.setAttribute("aria-label", label);
    plate.canvas.addEventListener("click", (event) => {
      const cell = plate.clickedCell(event);
      const address = cell && this.channel?.cells[this.placeOf(cell)];
      if (address) this.follow(address);
    });
    hoverable.set(plate.canvas, { hint: (event) => this.hint(plate.cellUnder(event)), leave: () => this.mark(null) });
    return plate;
  }

  get channel() {
    return this.scene?.explanation.channels[this.at];
  }

  /** @param {Cell} cell */
  placeOf({ row, column }) {
    return row * (this.scene?.kernel[1] ?? 0) + column;
  }

  /** Follows the largest product to its input value. */
  followStrongest() {
    if (!this.channel) return;
    const { cells, products } = this.channel;
    const inside = cells.map((_, at) => at).filter((at) => cells[at]);
    if (!inside.length) return; // the kernel covers padding only
    const address = cells[inside.reduce((best, at) => (Math.abs(products[at]) > Math.abs(products[best]) ? at : best))];
    if (address) this.follow(address);
  }

  /** @param {Cell|null} cell */
  mark(cell) {
    for (const plate of this.plates) plate.mark(cell);
  }

  /** @param {Cell|null} cell @returns {import("./tooltip.js").Hint|null} */
  hint(cell) {
    this.mark(cell);
    if (!cell || !this.scene || !this.channel) return null;
    const { cells, patch, weights, products } = this.channel;
    const at = this.placeOf(cell);
    const { source } = this.scene.explanation;
    const address = cells[at];
    return {
      value: `${fourDigits(patch[at])} × ${fourDigits(weights[at])} = ${fourDigits(products[at])}`,
      name: address ? addressName(source, address) : "padding",
      place: address ? addressPlace(source, address) : "outside the map: counts as 0",
    };
  }

  /** @param {Scene} scene */
  update(scene) {
    this.scene = scene;
    const { index, sum } = scene.explanation.channels[this.at];
    const [rows, columns] = scene.kernel;
    setText(this.name, nameOf(scene.explanation, index));
    setText(this.sum, fourDigits(sum));
    this.sum.title = allDigits(sum);
    for (const plate of this.plates) plate.resize(arrange(1, rows, columns, scene.cell, 0), scene.ratio);
    this.painter.redraw(this.element);
  }

  draw() {
    if (!this.scene || !this.channel) return;
    const { explanation, ratio, shared, kernelLimit, productLimit } = this.scene;
    const { source } = explanation;
    const { index, cells, patch, weights, products } = this.channel;
    const patchLimit = source.kind === "tiles" ? tileLimit(source, index, shared) : 1;
    const signed = source.kind !== "picture" && source.signed;
    const inside = source.kind === "picture"
      ? colourizeChannel(Float32Array.from(patch, (number) => brightness(source, index, number)), source.shape[2], index)
      : colourize(patch, signed, patchLimit);
    /** @type {[ArrayLike<number>, Uint32Array, number][]} */
    const pictures = [
      [patch, inside.map((colour, at) => (cells[at] ? colour : GAP_COLOUR)), patchLimit],
      [weights, colourize(weights, true, kernelLimit), kernelLimit],
      [products, colourize(products, true, productLimit), productLimit],
    ];
    this.plates.forEach((plate, at) => {
      const [values, colours, limit] = pictures[at];
      plate.draw(colours);
      plate.print(values, colours, ratio, limit);
    });
  }
}
