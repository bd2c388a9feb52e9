// @ts-check
// One column of the glance: the maps of a layer as thumbnails, the units of a dense layer or the classes as bars.

import { colourizeImage } from "../common/color.js";
import { button, element, paint, setText } from "../common/dom.js";
import { fourDigits, probabilityText, threeDigits } from "../common/numbers.js";
import { barLimit, stretchBar } from "./bar.js";
import { shares, SPACE } from "./columns.js";
import { hasModifier, neighbour } from "./keys.js";
import { extent, findSection } from "./sections.js";
import { tileColours } from "./tile_hints.js";

/**
 * @typedef {import("./sections.js").Message} Message
 * @typedef {import("./sections.js").Section} Section
 * @typedef {{index: number, element: HTMLElement}} Unit a map, a unit of a dense layer, a class or the image
 *
 * @typedef {object} Actions
 * @property {(section: string, index: number) => void} open
 * @property {(section: string) => void} enlarge
 * @property {(index: number) => void} point
 * @property {() => void} changed the column shows another layer, or more of it
 */

/** Whether a map or unit is 0 everywhere for this image. @param {Section} section @param {number} index */
function isSilent(section, index) {
  if (section.kind === "tiles") return section.summaries[index].limit === 0 && !section.summaries[index].nonFinite;
  return section.kind === "bars" && section.unit === "" && section.values[index] === 0;
}

export class GlanceColumn {
  /** @param {import("./columns.js").Column} column @param {Actions} actions */
  constructor(column, actions) {
    this.column = column;
    this.kind = column.kind;
    this.actions = actions;
    this.layer = column.shown;
    this.showsSilent = false;
    /** @type {Unit[]} */
    this.units = [];
    this.tabs = column.layers.map((name) => button(name, () => this.switchTo(name), { class: "layer" }));
    this.list = element("div", { class: `glance-units ${this.kind}`, role: "listbox" });
    this.silent = button("", () => this.toggleSilent(), { class: "silent" });
    this.enlarge = button("enlarge", () => actions.enlarge(this.layer), { class: "enlarge" });
    const tabs = element("div", { class: "layers" }, ...this.tabs);
    const foot = element("div", { class: "foot" }, this.silent, this.enlarge);
    this.element = element("div", { class: "glance-column" }, tabs, this.list, foot);
    this.list.addEventListener("click", (event) => this.act(event, (unit) => actions.open(this.layer, unit.index)));
    this.list.addEventListener("pointerover", (event) => this.act(event, (unit) => actions.point(unit.index)));
    this.list.addEventListener("focusin", (event) => this.act(event, (unit) => actions.point(unit.index)));
    this.list.addEventListener("keydown", (event) => this.press(event));
  }

  /** Shows a layer of the column, if it has it. @param {string|undefined} layer */
  choose(layer) {
    if (layer !== undefined && this.column.layers.includes(layer)) this.layer = layer;
  }

  /** @param {string} layer */
  switchTo(layer) {
    this.layer = layer;
    this.actions.changed();
  }

  toggleSilent() {
    this.showsSilent = !this.showsSilent;
    this.actions.changed();
  }

  /** @param {Message} message */
  sectionIn(message) {
    return /** @type {Section} */ (findSection(message, this.layer));
  }

  /** How many maps, units or classes there are to draw. @param {Message} message */
  count(message) {
    const section = this.sectionIn(message);
    if (this.kind === "image") return 1;
    const { count } = extent(section);
    const loud = Array.from({ length: count }, (_, index) => index).filter((index) => !isSilent(section, index));
    return this.kind === "maps" ? Math.max(1, loud.length) : count;
  }

  /** @param {Message} message @param {import("./columns.js").Place} place @param {{tile: number, image: number, height: number}} layout */
  fill(message, place, { tile, image, height }) {
    const section = this.sectionIn(message);
    const order = message.glance?.order[this.layer]?.values;
    const all = this.kind === "image" ? [0] : Array.from(order ?? { length: extent(section).count }, (value, at) => value ?? at);
    const silent = all.filter((index) => this.kind === "maps" && isSilent(section, index));
    const loud = all.filter((index) => !silent.includes(index));
    const shown = [...loud.slice(0, place.shown), ...(this.showsSilent ? silent : [])];
    const evidence = message.glance?.evidence[this.layer]?.values;
    const said = evidence ? shares(evidence) : [];
    this.element.style.width = `${place.width}px`;
    this.list.style.gridTemplateColumns = this.kind === "maps" ? `repeat(${place.across}, ${tile}px)` : "";
    this.list.style.gap = this.kind === "maps" ? `${SPACE}px` : "";
    this.list.style.gridAutoRows = this.kind === "bars" ? `${Math.min(16, height / place.shown - 1)}px` : "";
    this.list.setAttribute("aria-label", `${this.layer}, ${section.note}`);
    this.tabs.forEach((tab, at) => tab.setAttribute("aria-pressed", String(this.column.layers[at] === this.layer)));
    this.units = shown.map((index) => ({ index, element: this.draw(message, section, index, said[index], this.kind === "image" ? image : tile) }));
    this.list.replaceChildren(...this.units.map((unit) => unit.element));
    if (this.units.length) this.units[0].element.tabIndex = 0;
    this.foot(silent.length, loud.length - Math.min(loud.length, place.shown));
  }

  /** @param {number} silent @param {number} more */
  foot(silent, more) {
    this.silent.hidden = silent === 0;
    setText(this.silent, `${silent} silent`);
    this.silent.title = `Maps that are 0 everywhere for this image. Click to ${this.showsSilent ? "hide" : "show"} them.`;
    this.silent.setAttribute("aria-expanded", String(this.showsSilent));
    setText(this.enlarge, more > 0 ? `all, ${more} more` : "enlarge");
    this.enlarge.setAttribute("aria-label", `Enlarge ${this.layer}`);
    this.enlarge.title = `Shows ${this.layer} below, enlarged`;
  }

  /** @param {Message} message @param {Section} section @param {number} index @param {number|undefined} share @param {number} side */
  draw(message, section, index, share, side) {
    if (section.kind === "picture") return this.thumbnail(colourizeImage(section.values, section.shape[2]), section.shape[1], section.shape[0], side, "the image");
    if (section.kind === "tiles") {
      const [, , height, width] = section.shape;
      const colours = tileColours(section, index, { signed: section.signed, rgb: false, shared: message.shared });
      const says = share === undefined ? "" : `, ${share < 0 ? "against" : "for"} ${message.glance?.target}: ${threeDigits(Math.abs(share))} % of all that ${this.layer} says`;
      return this.thumbnail(colours, width, height, side, `${this.layer} ${section.labels[index]}${isSilent(section, index) ? `, ${section.captions[index] ?? "silent for this image"}` : says}`);
    }
    return this.bar(section, index);
  }

  /** @param {Uint32Array} colours @param {number} width @param {number} height @param {number} side @param {string} label */
  thumbnail(colours, width, height, side, label) {
    const canvas = element("canvas");
    paint(canvas, colours, width, height);
    canvas.style.width = `${(side * width) / Math.max(width, height)}px`;
    canvas.style.height = `${(side * height) / Math.max(width, height)}px`;
    return element("div", { class: "glance-map", role: "option", "aria-selected": "false", tabindex: -1, title: label, "aria-label": label }, canvas);
  }

  /** @param {Section} section @param {number} index */
  bar(section, index) {
    const { values } = section;
    const isBars = section.kind === "bars";
    const label = isBars ? section.labels[index] ?? String(index) : String(index);
    const isAnswer = this.kind === "answer";
    const isShare = isBars && section.unit === "%";
    const value = isShare ? probabilityText(values[index]) : fourDigits(values[index]);
    const fill = element("span", { class: "fill" });
    if (isBars && isAnswer) fill.style.backgroundColor = section.colors[index] ?? "";
    const names = isAnswer ? [element("span", { class: "name" }, label), " ", element("span", { class: "value" }, value)] : [];
    const name = isAnswer ? `${label} ${value}` : `${this.layer} ${label}: ${value}`;
    const node = element("div", { class: "glance-bar", role: "option", "aria-selected": "false", tabindex: -1, title: name, "aria-label": name }, ...names, element("span", { class: "track" }, fill));
    node.classList.toggle("signed", isBars && section.signed);
    if (isBars) stretchBar(node, values[index], barLimit(section), section.signed);
    return node;
  }

  /** Marks a map or unit; null: none. @param {number|null} index */
  highlight(index) {
    for (const unit of this.units) unit.element.classList.toggle("linked", unit.index === index);
  }

  /** @param {number} index */
  elementOf(index) {
    return this.units.find((unit) => unit.index === index)?.element ?? null;
  }

  /** @param {Event} event @param {(unit: Unit) => void} action */
  act(event, action) {
    const unit = this.units.find((one) => one.element.contains(/** @type {Node} */ (event.target)));
    if (unit) action(unit);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const at = this.units.findIndex((unit) => unit.element === event.target);
    if (at === -1 || hasModifier(event)) return;
    if (event.key === "Enter" || event.key === " ") {
      this.actions.open(this.layer, this.units[at].index);
    } else {
      const perRow = getComputedStyle(this.list).gridTemplateColumns.split(" ").length;
      const next = neighbour(event.key, at, this.units.length, this.kind === "maps" ? perRow : 1);
      if (next === null) return;
      this.units.forEach((unit, other) => { unit.element.tabIndex = other === next ? 0 : -1; });
      this.units[next].element.focus();
    }
    event.preventDefault();
  }
}
