// @ts-check
// What a page looks into, in one line: two buttons, one with the image and the network's answer, one with the run.

import { colourizeImage } from "../common/color.js";
import { component } from "../common/component.js";
import { button, element, paint } from "../common/dom.js";
import { decode } from "../common/message.js";

/**
 * @typedef {{caption: string, text: string, sure: string, mark: ""|"right"|"wrong", title: string, is_image: boolean}} Fact
 *
 * @typedef {object} SubjectData
 * @property {import("../common/message.js").NumberArray|null} image (h, w, c)
 * @property {import("../common/message.js").NumberArray|null} original (h, w, 3), from which the image was made
 * @property {Fact[]} facts
 * @property {string} color of the thumbnail's frame
 * @property {[image: string, run: string]} labels of the buttons
 */

/** @param {Fact} fact */
function factView({ caption, text, sure, mark, title }) {
  const value = element("span", { class: `text ${mark}` }, element("span", {}, text), " ", sure);
  const name = element("span", { class: "caption" }, caption);
  return element("span", { class: "fact", title: title || `${text} ${sure}` }, name, " ", value);
}

/** @param {HTMLElement} node @param {string} label @param {Fact[]} facts */
function name(node, label, facts) {
  node.setAttribute("aria-label", [label, ...facts.map(({ caption, text, sure }) => `${caption}: ${text} ${sure}`.trim())].join(". "));
  node.title = label;
}

class Subject {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.canvas = element("canvas", { class: "image", "aria-hidden": "true" });
    this.original = element("canvas", { class: "original", "aria-hidden": "true", title: "Your picture" });
    this.arrow = element("span", { class: "arrow", "aria-hidden": "true" }, "→");
    this.facts = element("span", { class: "facts" });
    this.run = button("", () => python.trigger("run_opened"), { class: "run", "aria-haspopup": "dialog" });
    this.open = button(this.canvas, () => python.trigger("opened"), { class: "open", "aria-haspopup": "dialog" });
    this.open.prepend(this.original, this.arrow);
    this.open.append(this.facts);
    this.root = element("div", { class: "subject" }, this.open, this.run);
    parent.append(this.root);
  }

  /** @param {Uint8Array} message */
  receive(message) {
    /** @type {SubjectData} */
    const { image, original, facts, color, labels } = decode(message);
    const own = facts.filter((fact) => fact.is_image);
    const others = facts.filter((fact) => !fact.is_image);
    this.canvas.hidden = !image;
    this.original.hidden = this.arrow.hidden = !original;
    this.canvas.title = original ? "What the network gets of it" : "";
    if (original) paint(this.original, colourizeImage(original.values, 3), original.shape[1], original.shape[0]);
    if (image) paint(this.canvas, colourizeImage(image.values, image.shape[2]), image.shape[1], image.shape[0]);
    this.canvas.style.setProperty("--color", color);
    this.facts.replaceChildren(...own.flatMap((fact) => [factView(fact), " "]));
    this.run.replaceChildren(...others.map(factView));
    name(this.open, labels[0], own);
    name(this.run, labels[1], others);
  }

  destroy() {
    this.root.remove();
  }
}

export default component(Subject);
