// @ts-check
// Filters and dense units as switches.

import { colourize, colourizeImage } from "../common/color.js";
import { component } from "../common/component.js";
import { button, element, paint } from "../common/dom.js";
import { decode } from "../common/message.js";
import { summarize } from "../common/numbers.js";

/**
 * @typedef {object} SwitchesData
 * @property {import("../common/message.js").NumberArray} filters (n, h, w), or (n, h, w, 3) as colours
 * @property {import("../common/message.js").NumberArray} maps (n, h, w)
 * @property {string} label of all switches
 * @property {string} one what each of them is called
 * @property {number[]} off
 * @property {number[]} order
 * @property {string[]} captions
 * @property {boolean[]} quiet
 * @property {boolean} signed
 */

class Switch {
  /** @param {number} index @param {() => void} toggle */
  constructor(index, toggle) {
    this.filter = element("canvas", { class: "filter" });
    this.map = element("canvas", { class: "map" });
    this.caption = element("span", { class: "caption" });
    this.name = element("span", { class: "name" }, String(index));
    this.element = button(element("span", { class: "pictures" }, this.filter, this.map), toggle, { class: "switch" });
    this.element.append(this.name, " ", this.caption);
    this.index = index;
    this.one = "";
  }

  /** @param {SwitchesData} data @param {{ filters: number, values: number }} limits of the filters' scale, and of that of single values */
  show({ filters, maps, captions, quiet, signed, one }, limits) {
    this.one = one;
    const [, height, width, depth] = filters.shape;
    const size = height * width * (depth ?? 1);
    const weights = filters.values.subarray(this.index * size, (this.index + 1) * size);
    paint(this.filter, depth ? colourizeImage(weights, depth) : colourize(weights, true, limits.filters), width, height);
    const [, rows, columns] = maps.shape;
    const map = maps.values.subarray(this.index * rows * columns, (this.index + 1) * rows * columns);
    const limit = map.length === 1 ? limits.values : summarize(map).limit;
    paint(this.map, colourize(map, signed, limit), columns, rows);
    this.caption.textContent = captions[this.index] ?? "";
    this.caption.classList.toggle("quiet", Boolean(quiet[this.index]));
  }

  /** @param {boolean} isOff */
  set(isOff) {
    this.element.setAttribute("aria-pressed", String(isOff));
    this.name.textContent = isOff ? `${this.index} off` : String(this.index);
    this.element.setAttribute("aria-label", `switch off: ${this.one} ${this.name.textContent} ${this.caption.textContent}`);
  }
}

const MANY = 16; // switches: more are smaller where there is room

class Switches {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.python = python;
    this.root = element("div", { class: "switches", role: "group" });
    this.box = element("div", { class: "box" }, this.root);
    parent.append(this.box);
    /** @type {Switch[]} */
    this.switches = [];
    /** @type {Set<number>|null} */
    this.off = null; // from the first message on, the user's
  }

  /** @param {Uint8Array} message */
  receive(message) {
    /** @type {SwitchesData} */
    const data = decode(message);
    this.off ??= new Set(data.off);
    this.root.setAttribute("aria-label", data.label);
    this.root.classList.toggle("many", data.order.length > MANY);
    while (this.switches.length < data.order.length) this.add(this.switches.length);
    const limits = { filters: summarize(data.filters.values).limit, values: summarize(data.maps.values).limit };
    for (const one of this.switches) {
      one.show(data, limits);
      one.set(this.off.has(one.index));
    }
    const sorted = data.order.map((index) => this.switches[index].element);
    if (sorted.some((node, at) => node !== this.root.children[at])) this.root.replaceChildren(...sorted);
  }

  /** @param {number} index */
  add(index) {
    this.switches.push(new Switch(index, () => this.toggle(index)));
  }

  /** @param {number} index */
  toggle(index) {
    if (!this.off) return;
    if (!this.off.delete(index)) this.off.add(index);
    this.switches[index].set(this.off.has(index));
    this.python.setState("off", [...this.off].sort((a, b) => a - b));
  }

  destroy() {
    this.box.remove();
  }
}

export default component(Switches);
