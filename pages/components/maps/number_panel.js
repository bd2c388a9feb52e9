// @ts-check
// The part of the panel that shows how one number was computed.

import { element, setText } from "../common/dom.js";
import { ChannelList } from "./convolution.js";
import { describe } from "./describe.js";

/** @typedef {import("./explain.js").Explanation} Explanation */

export class NumberPanel {
  /** @param {import("./convolution.js").Context} context */
  constructor(context) {
    this.follow = context.follow;
    /** @type {string|null} the section of the last number */
    this.section = null;
    this.channels = new ChannelList(context);
    this.equation = element("div");
    this.sentence = element("p", { class: "note" });
    this.details = element("div", { class: "details" });
    this.element = element("div", { class: "number" }, this.equation, this.sentence, this.details);
  }

  /** Forgets what was drawn. */
  clear() {
    this.section = null;
    this.channels.build(0);
  }

  /** @param {Explanation} explanation @param {{shared: boolean, ratio: number}} settings */
  show(explanation, settings) {
    const { equation, sentence, details } = describe(explanation, settings.shared, this.follow);
    this.equation.replaceChildren(equation);
    setText(this.sentence, sentence);
    if (explanation.kind === "conv") {
      if (this.details.firstChild !== this.channels.element) this.details.replaceChildren(this.channels.element);
      this.channels.update(explanation, { ...settings, width: this.channels.element.clientWidth });
    } else {
      this.details.replaceChildren(...details);
    }
    if (this.section !== explanation.section.name) this.details.scrollTop = 0;
    this.section = explanation.section.name;
  }
}
