// The part of the panel that tells how one number was computed, and the trail of numbers that led to it.

const TELL = {
  conv: tellConv,
  norm: tellNorm,
  activation: tellActivation,
  pool: tellPool,
  flatten: tellFlatten,
  dense: tellDense,
  softmax: tellSoftmax,
  pixel: tellPixel,
  unknown: tellUnknown,
};

class NumberPanel {
  /** @param {{painter: LazyPainter, follow(address: Address): void}} context */
  constructor(context) {
    this.follow = context.follow;
    this.channels = new ChannelList(context);
    this.equation = element("div");
    this.sentence = element("p", { class: "note" });
    this.details = element("div", { class: "details" });
    this.element = element("div", { class: "number" }, this.equation, this.sentence, this.details);
  }

  /** Forget what was drawn. */
  clear() {
    this.explanation = null;
    this.channels.build(0);
  }

  /** @param {{shared: boolean, ratio: number}} settings */
  show(explanation, settings) {
    const before = this.explanation;
    this.explanation = explanation;
    const { equation, sentence, details } = TELL[explanation.kind](explanation, this.follow);
    this.equation.replaceChildren(equation);
    setText(this.sentence, sentence);
    if (explanation.kind === "conv") this.showChannels(explanation, settings);
    else this.details.replaceChildren(...details);
    if (before?.section.name !== explanation.section.name) this.details.scrollTop = 0;
  }

  showChannels(explanation, settings) {
    if (this.details.firstChild !== this.channels.element) this.details.replaceChildren(this.channels.element);
    this.channels.update(explanation, { ...settings, width: this.channels.element.clientWidth });
  }
}

/** The numbers on the way to the one shown, each a way back. */
class Trail {
  /** @param {{back(at: number): void}} actions at: the place in the trail to go back to */
  constructor({ back }) {
    this.goBack = back;
    this.length = 0;
    this.back = element("button", { class: "back", type: "button" }, "‹ Back");
    this.back.addEventListener("click", () => this.goBack(this.length - 1));
    this.list = element("ol");
    this.hint = element("span", { class: "note" }, "Click a part of it to follow that to its layer.");
    this.element = element("nav", { class: "trail", "aria-label": "The way to this number" });
    this.element.append(this.back, this.list, this.hint);
  }

  /** @param {string[]} names of the numbers on the way, the one shown last @param {boolean} goesOn to others */
  show(names, goesOn) {
    this.length = names.length - 1;
    this.back.hidden = this.list.hidden = this.length === 0;
    this.hint.hidden = this.length > 0 || !goesOn;
    this.list.replaceChildren(...names.map((name, at) => element("li", {}, this.entry(name, at))));
    this.list.scrollLeft = this.list.scrollWidth;
  }

  entry(name, at) {
    if (at === this.length) return element("span", { "aria-current": "location" }, name);
    const button = element("button", { class: "link", type: "button" }, name);
    button.addEventListener("click", () => this.goBack(at));
    return button;
  }
}
