// The panel with one tile enlarged: laid over the input image where there is one, with its numbers and its filter.

const STAGE = 320; // CSS pixels
const COMPANION_CELL = 44; // CSS pixels; a 3 x 3 kernel needs no more

class Detail {
  /** @param {{close(): void, setStrength(percent: number): void}} actions */
  constructor(actions) {
    this.shown = null;
    this.title = element("h4", { "aria-live": "polite" });
    this.caption = element("p", { class: "note" });
    this.close = element("button", { class: "close", type: "button", "aria-label": "Close" }, "×");
    this.picture = new Plate();
    this.map = new Plate((cell) => tileHint(this.shown.section, this.shown.index, cell, this.shown.shared));
    this.field = element("span", { class: "field" });
    this.stage = element("div", { class: "stage" }, this.picture.element, this.map.element, this.field);
    this.strength = new StrengthSlider(actions.setStrength);
    this.legend = new Legend();
    this.numbers = element("dl");
    this.companion = new Plate((cell) => companionHint(this.shown.section, this.shown.index, cell, this.shown.shared));
    this.companionLegend = new Legend();
    this.filter = element("div", { class: "filter" }, element("h5", {}, "Its filter"));
    this.filter.append(this.companion.element, this.companionLegend.element);
    const views = element("div", { class: "views" }, this.stage, this.strength.element, this.legend.element);
    this.facts = element("div", { class: "facts" }, this.filter, this.numbers);
    this.element = element(
      "aside",
      { class: "detail", "aria-label": "Enlarged tile" },
      element("header", {}, element("div", { class: "title" }, this.title, this.caption), this.close),
      element("div", { class: "body" }, views, this.facts),
    );
    this.close.addEventListener("click", actions.close);
    this.mark(null);
  }

  /** Nothing chosen: the image, on which receptive fields are marked, and what a click would do. */
  showNothing(background, ratio) {
    this.shown = null;
    this.element.classList.add("idle");
    setText(this.title, background ? background.name : "Nothing enlarged yet");
    setText(this.caption, background
      ? "Point at a map: the part of the image it looks at is framed here. Click a map to enlarge it."
      : "Click a tile to enlarge it.");
    const { close, facts, legend, strength, map } = this;
    for (const part of [close, facts, legend.element, strength.element, map.element]) part.hidden = true;
    this.stage.hidden = !background;
    this.showPicture(background, ratio);
    this.mark(null);
  }

  /** @param {{shared: boolean, ratio: number, strength: number, background: Section|null}} settings */
  show(section, index, { shared, ratio, strength, background }) {
    const { signed, rgb, shape, labels, captions } = section;
    const values = tileValues(section, index);
    const limit = tileLimit(section, index, shared);
    const colours = tileColours(section, index, { signed, rgb, shared });
    const laid = background !== null && shape[1] === 1;
    this.shown = { section, index, shared };
    this.element.classList.remove("idle");
    setText(this.title, `${section.name} · ${labels[index]}`);
    setText(this.caption, captions[index] ?? section.note);
    for (const part of [this.close, this.facts, this.legend.element, this.stage, this.map.element]) part.hidden = false;
    this.strength.element.hidden = !laid;
    this.showPicture(laid ? background : null, ratio);
    if (laid) {
      this.layOver(section, colours, background);
    } else {
      this.showAlone(section, ratio);
      this.map.draw(colours);
      if (!rgb) this.map.print(values, colours, ratio, limit);
    }
    this.setStrength(laid ? strength : 100);
    this.legend.update({ signed, rgb, limit });
    this.showNumbers(section.summaries[index]);
    this.showFilter(section, index, shared, ratio);
    this.mark(null);
  }

  showPicture(picture, ratio) {
    this.picture.element.hidden = !picture;
    this.imageShape = picture && picture.shape;
    if (!picture) return;
    const [h, w] = picture.shape;
    this.picture.resize(arrange(1, h, w, cellFor(1, h, w, STAGE * ratio, 0, Math.floor), 0), ratio, STAGE);
    this.picture.draw(pictureColours(picture));
  }

  /** The map at its true place: one canvas pixel per map pixel, stretched by the browser. */
  layOver({ shape, geometry }, colours, background) {
    const [, , h, w] = shape;
    this.stage.classList.add("laid");
    this.map.stretch(arrange(1, h, w, 1, 0));
    placeBox(this.map.element, placeOnImage(geometry, h, w, background.shape[0], background.shape[1]));
    this.map.draw(colours);
  }

  showAlone({ shape, rgb }, ratio) {
    const [, k, h, w] = shape;
    const panes = rgb ? 1 : k;
    const gap = Math.round(2 * ratio);
    this.stage.classList.remove("laid");
    this.map.element.removeAttribute("style");
    this.map.resize(arrange(panes, h, w, cellFor(panes, h, w, STAGE * ratio, gap, Math.floor), gap), ratio, STAGE);
  }

  showNumbers({ min, mean, max, odd }) {
    const facts = [["min", exact(min)], ["mean", exact(mean)], ["max", exact(max)]];
    if (odd) facts.push(["not finite", String(odd)]);
    const entry = ([name, text]) => element("div", {}, element("dt", {}, name), element("dd", {}, text));
    this.numbers.replaceChildren(...facts.map(entry));
  }

  showFilter(section, index, shared, ratio) {
    const { beside, besideRgb } = section;
    this.filter.hidden = !beside;
    if (!beside) return;
    const [, , h, w] = beside.shape;
    const panes = panesOf(beside, besideRgb);
    const gap = Math.round(2 * ratio);
    const largestCell = Math.round(COMPANION_CELL * ratio);
    const cell = Math.min(largestCell, cellFor(panes, h, w, STAGE * ratio, gap, Math.floor));
    const limit = tileLimit(beside, index, shared);
    const colours = tileColours(beside, index, { signed: true, rgb: besideRgb, shared });
    this.companion.resize(arrange(panes, h, w, cell, gap), ratio, STAGE);
    this.companion.draw(colours);
    const printed = !besideRgb && this.companion.print(tileValues(beside, index), colours, ratio, limit);
    this.companionLegend.element.hidden = printed;
    this.companionLegend.update({ signed: true, rgb: besideRgb, limit });
  }

  setStrength(percent) {
    this.map.canvas.style.opacity = percent / 100;
    this.strength.show(percent);
  }

  /** Frame a part of the image, or nothing. @param {Box|null} box */
  mark(box) {
    placeBox(this.field, this.imageShape ? box : null);
  }
}

/** From the bare image (0 %) to the bare map (100 %). */
class StrengthSlider {
  constructor(setStrength) {
    const end = (text, percent) => {
      const button = element("button", { type: "button" }, text);
      button.addEventListener("click", () => setStrength(percent));
      return button;
    };
    this.input = element("input", { type: "range", min: "0", max: "100", step: "1", "aria-label": "Overlay strength" });
    this.input.addEventListener("input", () => setStrength(Number(this.input.value)));
    this.output = element("output");
    this.element = element("div", { class: "strength" }, end("image", 0), this.input, end("map", 100), this.output);
  }

  show(percent) {
    this.input.value = String(percent);
    setText(this.output, `${percent} %`);
  }
}
