// @ts-check
// Values over an image, several pictures side by side, with the values at the pixel under the pointer.

import { colourizeImage, gradient } from "../common/color.js";
import { component } from "../common/component.js";
import { element, paint } from "../common/dom.js";
import { decode } from "../common/message.js";
import { threeDigits, fourDigits, MINUS, summarize } from "../common/numbers.js";
import { blend, pixelAfterKey } from "./blend.js";

const INITIAL_STRENGTH = 80; // percent

/**
 * @typedef {import("../common/message.js").NumberArray} NumberArray
 *
 * @typedef {object} PictureData
 * @property {string} name
 * @property {string} note
 * @property {NumberArray} values (h, w)
 * @property {boolean} signed
 * @property {string} text
 * @property {[string, string]} source its name and address
 *
 * @typedef {PictureData & {limit: number}} Picture
 */

class Card {
  /** @param {Overlays} overlays */
  constructor(overlays) {
    /** @param {string} name */
    const part = (name) => element("div", { class: name });
    this.name = part("name");
    this.value = part("value");
    this.scale = part("scale");
    this.low = part("low");
    this.middle = part("middle");
    this.high = part("high");
    this.note = part("note");
    this.text = part("text");
    this.canvas = element("canvas", { role: "img", tabindex: 0 });
    for (const type of /** @type {const} */ (["pointerdown", "pointermove"])) {
      this.canvas.addEventListener(type, (event) => overlays.point(this.canvas, event));
    }
    this.canvas.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && overlays.pointAt(null));
    this.canvas.addEventListener("keydown", (event) => overlays.press(event));
    const ends = element("div", { class: "ends" }, this.low, this.middle, this.high);
    this.source = element("a", { class: "source", target: "_blank", rel: "noopener" });
    this.root = element("figure", { class: "picture" }, this.name, this.canvas, this.value, this.scale, ends);
    this.root.append(this.note, this.text, this.source);
  }

  /** @param {Picture} picture */
  show({ name, note, text, source, signed, limit }) {
    this.name.textContent = name;
    this.note.textContent = note;
    this.text.textContent = text;
    [this.source.textContent, this.source.href] = source;
    this.source.hidden = !source[1];
    this.canvas.setAttribute("aria-label", `${name} over the image`);
    this.scale.style.background = gradient(signed);
    const isBlank = limit === 0;
    this.low.textContent = isBlank ? "" : signed ? `${MINUS}${threeDigits(limit)}` : "0";
    this.middle.textContent = isBlank || signed ? "0" : "";
    this.high.textContent = isBlank ? "" : threeDigits(limit);
  }
}

class Overlays {
  /** @param {HTMLElement|ShadowRoot} parent */
  constructor(parent) {
    this.slider = element("input", { type: "range", min: 0, max: 100, value: INITIAL_STRENGTH, "aria-label": "Overlay strength" });
    this.slider.addEventListener("input", () => this.draw());
    const label = element("label", { class: "strength" }, "image", this.slider, "overlay");
    this.grid = element("div", { class: "pictures" });
    this.root = element("div", { class: "overlays" }, label, this.grid);
    parent.append(this.root);
    /** @type {Card[]} */
    this.cards = [];
    /** @type {Picture[]} */
    this.pictures = [];
    this.image = new Uint32Array();
    this.height = this.width = 0;
    /** @type {[number, number]|null} row and column of the pixel under the pointer */
    this.at = null;
  }

  /** @param {Uint8Array} message */
  receive(message) {
    /** @type {{image: NumberArray, pictures: PictureData[], size: number}} size: CSS pixels of a picture, at most */
    const { image, pictures, size } = decode(message);
    const [height, width, depth] = image.shape;
    this.height = height;
    this.width = width;
    this.grid.style.setProperty("--most", `${size}px`);
    this.image = colourizeImage(image.values, depth);
    this.pictures = pictures.map((picture) => ({ ...picture, limit: summarize(picture.values.values).limit }));
    while (this.cards.length < pictures.length) this.cards.push(new Card(this));
    for (const card of this.cards.splice(pictures.length)) card.root.remove();
    this.grid.append(...this.cards.map((card) => card.root).filter((root) => !root.isConnected));
    this.cards.forEach((card, at) => {
      card.show(this.pictures[at]);
      card.name.hidden = pictures.length === 1;
    });
    this.draw();
    this.showValues();
  }

  draw() {
    const strength = Number(this.slider.value) / 100;
    this.cards.forEach(({ canvas }, at) => {
      const { values, signed, limit } = this.pictures[at];
      paint(canvas, blend(this.image, { values: values.values, signed, limit }, strength), this.width, this.height);
    });
  }

  /** @param {HTMLCanvasElement} canvas @param {PointerEvent} event */
  point(canvas, event) {
    const box = canvas.getBoundingClientRect();
    /** @param {number} place @param {number} start @param {number} length @param {number} cells */
    const cell = (place, start, length, cells) =>
      Math.min(cells - 1, Math.max(0, Math.floor(((place - start) / length) * cells)));
    this.pointAt([
      cell(event.clientY, box.top, box.height, this.height),
      cell(event.clientX, box.left, box.width, this.width),
    ]);
  }

  /** Arrow keys move by one pixel; Escape hides the values. @param {KeyboardEvent} event */
  press(event) {
    const place = pixelAfterKey(event.key, this.at, this.height, this.width);
    if (place === undefined) return;
    event.preventDefault();
    this.pointAt(place);
  }

  /** @param {[number, number]|null} place */
  pointAt(place) {
    this.at = place;
    this.showValues();
  }

  /** Shows the values of all pictures at the same pixel, for comparison. */
  showValues() {
    const [row, column] = this.at ?? [this.height, this.width];
    const inside = row < this.height && column < this.width; // another network may have smaller images
    this.cards.forEach(({ value }, i) => {
      const number = inside ? fourDigits(this.pictures[i].values.values[row * this.width + column]) : "";
      value.textContent = inside ? `row ${row}, column ${column}: ${number}` : "\u00a0";
    });
  }

  destroy() {
    this.root.remove();
  }
}

export default component(Overlays);
