// The panel: one map enlarged, laid over the input image where there is one. Where sections have an origin, it tells
// below how the number shown was computed; else it has the map's numbers and its filter.

/**
 * @typedef {object} Settings
 * @property {boolean} shared one scale for the layer, not one for each map
 * @property {number} ratio device pixels to a CSS pixel
 * @property {number} strength of the map over the image, in percent
 * @property {Section|null} background
 */

const STAGE = 320; // CSS pixels
const COMPANION_CELL = 44; // CSS pixels; a 3 x 3 kernel needs no more

const HOW_TO_START = "Point at any value of any layer: here you see where it comes from. Click it, and it stays while "
  + "you look around. Or begin at the end: click a class, and follow what it is made of down to the image.";

class Detail {
  /**
   * @param {object} actions
   * @param {LazyPainter} actions.painter
   * @param {() => void} actions.close
   * @param {(percent: number) => void} actions.setStrength
   * @param {() => void} actions.togglePlay
   * @param {(address: Address) => void} actions.pin a number of the enlarged map
   * @param {(address: Address) => void} actions.follow
   * @param {(at: number) => void} actions.back
   */
  constructor(actions) {
    this.actions = actions;
    this.shown = null; // {section, index, shared, ratio}: the tile on the stage
    this.address = null; // of the number explained
    this.title = element("h4");
    this.caption = element("p", { class: "note" });
    this.close = element("button", { class: "close", type: "button", "aria-label": "Close", title: "Esc" }, "×");
    this.trail = new Trail(actions);
    this.picture = new Plate();
    this.map = new Plate((cell) => tileHint(this.shown.section, this.shown.index, cell, this.shown.shared));
    this.field = element("span", { class: "field" });
    this.stage = element("div", { class: "stage" }, this.picture.element, this.map.element, this.field);
    this.strength = new StrengthSlider(actions.setStrength);
    this.legend = new Legend();
    this.play = element("button", { class: "play", type: "button" });
    this.numbers = element("dl");
    this.companion = new Plate((cell) => companionHint(this.shown.section, this.shown.index, cell, this.shown.shared));
    this.companionLegend = new Legend();
    this.filter = element("div", { class: "filter" }, element("h5", {}, "Its filter"));
    this.filter.append(this.companion.element, this.companionLegend.element);
    const views = element("div", { class: "views" }, this.stage, this.strength.element, this.legend.element);
    this.facts = element("div", { class: "facts" }, this.filter, this.numbers);
    this.body = element("div", { class: "body" }, views, this.play, this.facts);
    this.number = new NumberPanel(actions);
    const title = element("div", { class: "title" }, this.title, this.caption);
    this.element = element("aside", { class: "detail", "aria-label": "Enlarged tile", tabindex: "-1" });
    this.element.append(element("header", {}, title, this.close), this.trail.element, this.body, this.number.element);
    this.showPlaying(false);
    this.listen();
    this.mark(null);
  }

  listen() {
    const { actions } = this;
    this.close.addEventListener("click", actions.close);
    this.play.addEventListener("click", actions.togglePlay);
    const pin = (event) => {
      const cell = this.address && this.map.cellUnder(event);
      if (cell) actions.pin({ ...this.address, row: cell.row, column: cell.column });
    };
    this.map.canvas.addEventListener("pointerdown", pin);
    this.map.canvas.addEventListener("pointermove", (event) => { if (event.buttons & 1) pin(event); });
    this.element.addEventListener("keydown", (event) => this.press(event));
  }

  /** Space plays, arrow keys go to the neighbours; on a button or a slider, keys do what they always do. */
  press(event) {
    const isMap = this.address && !this.play.hidden;
    const isOurs = [this.stage, this.element].includes(event.target);
    if (!isMap || !isOurs || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = stepTo(this.shown.section, this.address, event.key);
    if (event.key === " ") this.actions.togglePlay();
    else if (next) this.actions.pin(next);
    else return;
    event.preventDefault();
  }

  focus() {
    (this.stage.tabIndex === 0 ? this.stage : this.element).focus({ preventScroll: true });
  }

  showPlaying(playing) {
    setText(this.play, playing ? "❚❚ Pause" : "▶ Play");
  }

  /** The structure of the data has changed: nothing drawn so far is of use. */
  clear() {
    this.shown = null;
    this.number.clear();
  }

  /** Nothing chosen: the image, on which receptive fields are marked, and what a click would do. */
  showNothing(explains, { background, ratio }) {
    this.shown = this.address = null;
    this.element.classList.add("idle");
    this.element.classList.toggle("explaining", explains);
    const { close, facts, legend, strength, map, play, trail, number } = this;
    for (const part of [close, facts, play, map, legend, strength, trail, number]) (part.element ?? part).hidden = true;
    this.body.hidden = false;
    this.stage.hidden = !background;
    this.stage.removeAttribute("tabindex");
    this.showPicture(background, ratio, explains);
    this.picture.frame(null);
    this.mark(null);
    if (explains) {
      setText(this.title, "How is one number computed?");
      setText(this.caption, HOW_TO_START);
      return;
    }
    setText(this.title, background ? background.name : "Nothing enlarged yet");
    setText(this.caption, background
      ? "Point at a map: the part of the image it looks at is framed here. Click a map to enlarge it."
      : "Click a tile to enlarge it.");
  }

  /** A tile with its numbers and its filter. @param {Settings} settings */
  show(section, index, settings) {
    this.element.classList.remove("idle", "explaining");
    setText(this.title, `${section.name} · ${section.labels[index]}`);
    setText(this.caption, section.captions[index] ?? section.note);
    for (const part of [this.close, this.facts]) part.hidden = false;
    for (const part of [this.trail.element, this.play, this.number.element]) part.hidden = true;
    this.showMap(section, index, settings);
    this.showFilter(section, index, settings);
    this.mark(null);
  }

  /**
   * How a number was computed. @param {Explanation} explanation @param {Settings} settings
   * @param {string[]} way names of the numbers on the way to it, its own last
   */
  explain(explanation, settings, way, isPinned) {
    const { section, address } = explanation;
    const isMap = section.kind === "tiles";
    const isImage = section.kind === "picture";
    this.address = address;
    this.element.classList.remove("idle");
    this.element.classList.add("explaining");
    setText(this.title, addressName(section, address));
    const state = isPinned ? "pinned, Esc lets go" : "click to pin it";
    setText(this.caption, [addressPlace(section, address), state].filter(Boolean).join(" · "));
    for (const part of [this.trail.element, this.number.element]) part.hidden = false;
    this.close.hidden = !isPinned;
    this.filter.hidden = true;
    this.body.hidden = !isMap && !isImage;
    this.play.hidden = this.facts.hidden = !isMap;
    if (isMap) this.showMap(section, address.index, settings);
    if (isImage) this.showImage(section, address, settings);
    if (isMap) this.aimAt(section, address);
    this.trail.show(way, explanation.source !== null);
    this.number.show(explanation, settings);
  }

  /** Mark a value of the enlarged map, and have the map take the keys that move on from there. */
  aimAt(section, address) {
    this.map.frame({ ...address, size: 1 }, "spot");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.setAttribute("aria-label", `${addressName(section, address)}: arrow keys move, Space plays`);
  }

  /** A map on the stage, its scale and its numbers; drawn again only if anything is new. */
  showMap(section, index, settings) {
    const { shared, ratio, strength, background } = settings;
    const wanted = { section, index, shared, ratio };
    if (this.shown && Object.keys(wanted).every((key) => wanted[key] === this.shown[key])) return;
    const { signed, rgb, shape } = section;
    const limit = tileLimit(section, index, shared);
    const colours = tileColours(section, index, { signed, rgb, shared });
    const laid = background !== null && shape[1] === 1;
    const explains = this.element.classList.contains("explaining");
    this.shown = wanted;
    for (const part of [this.legend.element, this.stage, this.map.element]) part.hidden = false;
    this.strength.element.hidden = !laid;
    this.showPicture(laid ? background : null, ratio, explains);
    this.picture.frame(null);
    if (laid) {
      this.layOver(section, colours, background);
    } else {
      this.showAlone(section, ratio);
      this.map.draw(colours);
      if (!rgb) this.map.print(tileValues(section, index), colours, ratio, limit);
    }
    this.setStrength(laid ? strength : 100);
    this.legend.update({ signed, rgb, limit });
    this.showNumbers(section.summaries[index]);
  }

  /** The image on the stage, with one of its pixels marked. */
  showImage(section, address, { ratio }) {
    this.shown = null;
    for (const part of [this.legend.element, this.strength.element, this.map.element]) part.hidden = true;
    this.stage.hidden = false;
    this.stage.removeAttribute("tabindex");
    this.showPicture(section, ratio, true);
    this.picture.frame({ ...address, size: 1 }, "spot");
  }

  /** fills: whether the stage has a size of its own. */
  showPicture(picture, ratio, fills) {
    this.picture.element.hidden = !picture;
    this.imageShape = picture && picture.shape;
    if (!picture) return;
    const [h, w] = picture.shape;
    if (fills) this.picture.stretch(arrange(1, h, w, 1, 0));
    else this.picture.resize(arrange(1, h, w, cellFor(1, h, w, STAGE * ratio, 0, Math.floor), 0), ratio, STAGE);
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

  showFilter(section, index, { shared, ratio }) {
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
