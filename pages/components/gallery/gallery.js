// @ts-check
// A grid of images, from which the user chooses one.

import { colourizeImage } from "../common/color.js";
import { component } from "../common/component.js";
import { element, paint } from "../common/dom.js";
import { decode } from "../common/message.js";

/**
 * @typedef {object} GalleryData
 * @property {import("../common/message.js").NumberArray} images (n, h, w, c)
 * @property {number[]} ids
 * @property {string} label of the whole grid
 * @property {string[]} captions
 * @property {string[]} titles
 * @property {string[]} colors
 * @property {number|null} selected an id
 * @property {number} size of an image on the page, in CSS pixels
 */

class Item {
  /** @param {() => void} choose */
  constructor(choose) {
    this.canvas = element("canvas"); // CSS enlarges it; every pixel stays a sharp square
    this.caption = element("span");
    this.element = element("div", { class: "item", role: "option" }, this.canvas, this.caption);
    this.element.addEventListener("click", choose);
  }

  /** @param {GalleryData} data @param {number} at */
  show({ images, captions, titles, colors }, at) {
    const [, height, width, depth] = images.shape;
    const size = height * width * depth;
    paint(this.canvas, colourizeImage(images.values.subarray(at * size, (at + 1) * size), depth), width, height);
    this.caption.textContent = captions[at];
    this.element.title = titles[at];
    this.element.setAttribute("aria-label", [captions[at], titles[at]].filter(Boolean).join(", "));
    this.element.style.setProperty("--color", colors[at]);
  }
}

class Gallery {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.python = python;
    this.root = element("div", { class: "gallery", role: "listbox" });
    this.root.addEventListener("keydown", (event) => this.press(event));
    parent.append(this.root);
    /** @type {Item[]} */
    this.items = [];
    /** @type {number[]} */
    this.ids = [];
  }

  /** @param {Uint8Array} message */
  receive(message) {
    /** @type {GalleryData} */
    const data = decode(message);
    this.ids = data.ids;
    const [, height, width] = data.images.shape;
    this.root.style.setProperty("--size", `${data.size}px`);
    this.root.style.setProperty("--aspect", String(width / height));
    this.root.setAttribute("aria-label", data.label);
    while (this.items.length < this.ids.length) this.add(this.items.length);
    for (const item of this.items.splice(this.ids.length)) item.element.remove();
    this.items.forEach((item, at) => item.show(data, at));
    this.frame(data.selected);
  }

  /** @param {number} at */
  add(at) {
    const item = new Item(() => this.choose(at));
    this.items.push(item);
    this.root.append(item.element);
  }

  /** Marks one image as the chosen one; Tab enters the grid there, or at its first image. @param {number|null} id */
  frame(id) {
    const chosen = id === null ? -1 : this.ids.indexOf(id);
    this.items.forEach((item, at) => {
      item.element.setAttribute("aria-selected", String(at === chosen));
      item.element.tabIndex = at === Math.max(chosen, 0) ? 0 : -1;
    });
  }

  /** @param {number} at */
  choose(at) {
    this.frame(this.ids[at]);
    this.python.setState("chosen", this.ids[at]);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const at = this.items.findIndex((item) => item.element === event.target);
    if (at === -1) return;
    const columns = getComputedStyle(this.root).gridTemplateColumns.split(" ").length;
    /** @type {Record<string, number>} */
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    if (event.key === "Enter" || event.key === " ") this.choose(at);
    else if (event.key in moves) this.items[at + moves[event.key]]?.element.focus();
    else return;
    event.preventDefault();
  }

  destroy() {
    this.root.remove();
  }
}

export default component(Gallery);
