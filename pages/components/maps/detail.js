// @ts-check
// The panel: one map enlarged, over the input image if there is one. Below, it shows how a number was computed if
// sections have origins, else the map's numbers and its filter.

import { button, element, setText } from "../common/dom.js";
import { fourDigits } from "../common/numbers.js";
import { Legend } from "./heading.js";
import { hasModifier, stepTo } from "./keys.js";
import { arrange, cellFor } from "./mosaic.js";
import { NumberPanel } from "./number_panel.js";
import { Plate } from "./plate.js";
import { addressName, addressPlace, tileLimit, tileValues } from "./sections.js";
import { SIDE, Stage } from "./stage.js";
import { companionHint, companionStyle, panesOf, tileColours, tileHint } from "./tile_hints.js";
import { Trail } from "./trail.js";

/**
 * @typedef {import("./sections.js").Address} Address
 * @typedef {import("./sections.js").Picture} Picture
 * @typedef {import("./sections.js").Tiles} Tiles
 *
 * @typedef {object} Settings
 * @property {boolean} shared one colour scale for the layer, not one for each map
 * @property {number} ratio device pixels per CSS pixel
 * @property {number} strength opacity of the map over the image, in percent
 * @property {Picture|null} background
 *
 * @typedef {object} Actions
 * @property {import("./lazy_painter.js").LazyPainter} painter
 * @property {() => void} close
 * @property {(percent: number) => void} setStrength
 * @property {() => void} togglePlay
 * @property {(address: Address) => void} pin a number of the enlarged map
 * @property {(address: Address) => void} follow
 * @property {(at: number) => void} back to that place in the trail
 */

const COMPANION_CELL = 44; // CSS pixels; larger cells gain nothing

const HOW_TO_START = "Point at any value of any layer to see how it was computed. Click it, and it stays here while you "
  + "look around. Or start at the end: click a class and follow its numbers back to the image.";

export class Detail {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    /** @type {{section: Tiles, index: number, shared: boolean, ratio: number}|null} the enlarged tile */
    this.shown = null;
    /** @type {Address|null} of the explained number */
    this.address = null;
    this.title = element("h2");
    this.caption = element("p", { class: "note" });
    this.close = button("×", actions.close, { class: "close", "aria-label": "Close", title: "Esc" });
    this.trail = new Trail(actions.back);
    this.stage = new Stage(
      (cell) => this.shown && tileHint(this.shown.section, this.shown.index, cell, this.shown.shared),
      actions.setStrength,
    );
    this.play = button("", actions.togglePlay, { class: "play" });
    this.numbers = element("dl");
    this.companion = new Plate((cell) =>
      this.shown && companionHint(this.shown.section, this.shown.index, cell, this.shown.shared));
    this.companionLegend = new Legend();
    this.filter = element("div", { class: "filter" }, element("h3", {}, "Its filter"));
    this.filter.append(this.companion.element, this.companionLegend.element);
    this.facts = element("div", { class: "facts" }, this.filter, this.numbers);
    this.body = element("div", { class: "body" }, this.stage.element, this.play, this.facts);
    this.number = new NumberPanel(actions);
    const title = element("div", { class: "title" }, this.title, this.caption);
    this.element = element("aside", { class: "detail", "aria-label": "Enlarged tile", tabindex: -1 });
    this.element.append(element("header", {}, title, this.close), this.trail.element, this.body, this.number.element);
    this.showPlaying(false);
    this.listen();
  }

  listen() {
    const { map } = this.stage;
    /** @param {PointerEvent} event */
    const pin = (event) => {
      const cell = this.address && map.cellUnder(event);
      if (this.address && cell) this.actions.pin({ ...this.address, row: cell.row, column: cell.column });
    };
    map.canvas.addEventListener("pointerdown", pin);
    map.canvas.addEventListener("pointermove", (event) => { if (event.buttons & 1) pin(event); });
    this.element.addEventListener("keydown", (event) => this.press(event));
  }

  /** Space plays, arrow keys move to the neighbours; on buttons and sliders, keys keep their usual function. @param {KeyboardEvent} event */
  press(event) {
    const isOnStage = event.target === this.stage.box || event.target === this.element;
    if (!this.shown || !this.address || this.play.hidden || !isOnStage || hasModifier(event)) return;
    const next = stepTo(this.shown.section, this.address, event.key);
    if (event.key === " ") this.actions.togglePlay();
    else if (next) this.actions.pin(next);
    else return;
    event.preventDefault();
  }

  focus() {
    (this.stage.box.tabIndex === 0 ? this.stage.box : this.element).focus({ preventScroll: true });
  }

  /** @param {boolean} playing */
  showPlaying(playing) {
    setText(this.play, playing ? "❚❚ Pause" : "▶ Play");
  }

  /** Forgets what is drawn, when the structure of the data has changed. */
  clear() {
    this.shown = null;
    this.number.clear();
  }

  /** Without a chosen tile: shows the image, for marking receptive fields, and says what a click does. @param {boolean} explains @param {Settings} settings */
  showNothing(explains, { background, ratio }) {
    this.shown = this.address = null;
    this.element.classList.add("idle");
    this.element.classList.toggle("explaining", explains);
    const { close, facts, play, trail, number } = this;
    for (const part of [close, facts, play, trail.element, number.element]) part.hidden = true;
    this.body.hidden = false;
    this.stage.showImage(background, null, ratio, explains);
    this.mark(null);
    if (explains) {
      setText(this.title, "How is one number computed?");
      setText(this.caption, HOW_TO_START);
      return;
    }
    setText(this.title, background ? background.name : "Nothing enlarged yet");
    setText(this.caption, background
      ? "Point at a map: the frame shows which part of the image it sees. Click a map to enlarge it."
      : "Click a tile to enlarge it.");
  }

  /** Shows a tile with its numbers and its filter. @param {Tiles} section @param {number} index @param {Settings} settings */
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
   * Shows how a number was computed.
   * @param {import("./explain.js").Explanation} explanation
   * @param {Settings} settings
   * @param {string[]} trail names of the numbers that led to it, its own last
   * @param {boolean} isPinned
   */
  explain(explanation, settings, trail, isPinned) {
    const { section, address } = explanation;
    const isMap = section.kind === "tiles";
    const isImage = section.kind === "picture";
    this.address = address;
    this.element.classList.remove("idle");
    this.element.classList.add("explaining");
    setText(this.title, addressName(section, address));
    const state = isPinned ? "pinned, × or Esc releases it" : "click to pin it";
    setText(this.caption, [addressPlace(section, address), state].filter(Boolean).join(" · "));
    for (const part of [this.trail.element, this.number.element]) part.hidden = false;
    this.close.hidden = !isPinned;
    this.filter.hidden = true;
    this.body.hidden = !isMap && !isImage;
    this.play.hidden = this.facts.hidden = !isMap;
    if (isMap) this.showMap(section, address.index, settings);
    if (isMap) this.stage.aimAt(section, address);
    if (isImage) this.showPixel(section, address, settings.ratio);
    this.trail.show(trail, explanation.source !== null);
    this.number.show(explanation, settings);
  }

  /** Shows a map, its colour scale and its numbers; redraws only if something changed. @param {Tiles} section @param {number} index @param {Settings} settings */
  showMap(section, index, settings) {
    const { shared, ratio } = settings;
    const { shown } = this;
    const isShown = shown && shown.section === section && shown.index === index;
    if (isShown && shown.shared === shared && shown.ratio === ratio) return;
    this.shown = { section, index, shared, ratio };
    this.stage.showMap(section, index, settings, this.element.classList.contains("explaining"));
    this.showNumbers(section.summaries[index]);
  }

  /** Shows the image with one pixel marked. @param {Picture} image @param {Address} address @param {number} ratio */
  showPixel(image, address, ratio) {
    this.shown = null;
    this.stage.showImage(image, address, ratio, true);
  }

  /** @param {import("../common/numbers.js").Summary} summary */
  showNumbers({ min, mean, max, nonFinite }) {
    const facts = [["min", fourDigits(min)], ["mean", fourDigits(mean)], ["max", fourDigits(max)]];
    if (nonFinite) facts.push(["not finite", String(nonFinite)]);
    const entries = facts.map(([name, text]) => element("div", {}, element("dt", {}, name), element("dd", {}, text)));
    this.numbers.replaceChildren(...entries);
  }

  /** @param {Tiles} section @param {number} index @param {Settings} settings */
  showFilter(section, index, { shared, ratio }) {
    const { beside, besideRgb } = section;
    this.filter.hidden = !beside;
    if (!beside) return;
    const [, , h, w] = beside.shape;
    const panes = panesOf(beside, besideRgb);
    const gap = Math.round(2 * ratio);
    const largestCell = Math.round(COMPANION_CELL * ratio);
    const cell = Math.min(largestCell, cellFor(panes, h, w, SIDE * ratio, gap, Math.floor));
    const limit = tileLimit(beside, index, shared);
    const colours = tileColours(beside, index, companionStyle(section, shared));
    this.companion.resize(arrange(panes, h, w, cell, gap), ratio, SIDE);
    this.companion.draw(colours);
    const printed = !besideRgb && this.companion.print(tileValues(beside, index), colours, ratio, limit);
    this.companionLegend.element.hidden = printed;
    this.companionLegend.update({ signed: true, rgb: besideRgb, limit });
  }

  /** @param {number} percent */
  setStrength(percent) {
    this.stage.setStrength(percent);
  }

  /** Frames a part of the image, or nothing. @param {import("../common/dom.js").Box|null} box */
  mark(box) {
    this.stage.mark(box);
  }
}
