// @ts-check
// The component: its sections, panel and tooltip, and the user's selection.

import { component } from "../common/component.js";
import { bringIntoView, element } from "../common/dom.js";
import { sameBytes } from "../common/message.js";
import { Detail } from "./detail.js";
import { explain } from "./explain.js";
import { frameField, frameNumber } from "./frames.js";
import { Glance } from "./glance.js";
import { Selection } from "./selection.js";
import { nextPlace } from "./keys.js";
import { LazyPainter } from "./lazy_painter.js";
import { PictureView } from "./picture_view.js";
import { Player } from "./player.js";
import { Pointing } from "./pointing.js";
import { addressNames, findSection, NO_MESSAGE, readMessage, sameAddress, strongestPlace, structureOf } from "./sections.js";
import { StripView } from "./strip_view.js";
import { TileGrid } from "./tile_grid.js";
import { viewOf } from "./views.js";

/** @typedef {import("./sections.js").Address} Address */
/** @typedef {import("./views.js").View} View */

const WIDE = 900; // CSS pixels from which the panel has its own column
const NARROW = 300; // below that, a section's colour scale stands below its name
/** @type {Map<string, Address|null>} key -> the selection, while another page or layer is shown */
const kept = new Map();

/** How many times larger tiles are than in a window of 1280 x 720, where their requested size holds. */
function growth() {
  return Math.max(1, Math.min(2, window.innerWidth / 1280, window.innerHeight / 720));
}

class Maps {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.python = python;
    this.selection = new Selection();
    this.strength = 60; // percent
    /** @type {Uint8Array|null} the newest message, undecoded */
    this.received = null;
    this.message = NO_MESSAGE;
    this.structure = "";
    /** @type {View[]} */
    this.views = [];
    this.isWide = false;
    this.ratio = 1;
    this.growth = 1;
    this.room = 0; // the width of the sections, once it is known
    this.painter = new LazyPainter();
    this.player = new Player({ step: () => this.playOn(), changed: (playing) => this.detail.showPlaying(playing) });
    this.detail = new Detail({
      painter: this.painter,
      close: () => this.close(),
      setStrength: (percent) => this.setStrength(percent),
      togglePlay: () => this.togglePlay(),
      pin: (address) => this.move(address),
      follow: (address) => this.follow(address),
      back: (at) => this.back(at),
    });
    this.glance = new Glance({ open: (address) => this.open(address), enlarge: (name) => this.enlarge(name) });
    this.column = element("div", { class: "sections" });
    this.side = element("div", { class: "side" });
    this.root = element("div", { class: "maps" }, this.glance.element, this.column, this.side);
    this.pointing = new Pointing(this.root, { point: (address, event) => this.point(address, event), leave: () => this.frame(null) });
    this.onScroll = () => {
      this.pointing.leave();
      this.fit();
    };
    this.listen();
    parent.append(this.root);
    // Reading the width makes the browser lay out all tiles, so it is read while there are none, then observed.
    this.width = this.root.clientWidth;
    this.resizing = new ResizeObserver(([entry]) => this.resize(entry.contentRect.width));
    this.resizing.observe(this.root);
    this.filling = new ResizeObserver(([entry]) => this.fill(entry.contentRect.width));
    this.filling.observe(this.column);
  }

  /** Ignores data that has not changed: Python sends everything on each run. @param {Uint8Array} message */
  receive(message) {
    if (this.received && sameBytes(message, this.received)) return;
    const first = this.received === null;
    this.received = message;
    this.message = readMessage(message);
    this.selection.adopt(this.message, first ? kept.get(this.message.key) ?? null : null);
    if (this.structure !== structureOf(this.message)) this.build();
    this.update();
  }

  build() {
    this.structure = structureOf(this.message);
    this.pointing.leave();
    this.painter.clear();
    this.detail.clear();
    const { painter } = this;
    const { explains, sections } = this.message;
    const context = { painter, explains, choose: (/** @type {Address} */ address) => this.choose(address) };
    this.views = sections.map((section) => viewOf(section, context));
    this.column.replaceChildren(...this.views.map((view) => view.element));
  }

  update() {
    this.ratio = window.devicePixelRatio;
    this.pointing.leave();
    this.place();
    const { shared, tile: least, columns, sections } = this.message;
    this.growth = growth();
    const tile = columns ? least : least * this.growth;
    const layout = { shared, tile, columns, ratio: this.ratio, width: this.width, room: this.room };
    // Messages of equal structure have sections of the same kinds, in the same order.
    this.views.forEach((view, at) => view.update(/** @type {any} */ (sections[at]), layout));
    this.glance.update(this.message, this.width);
    this.showSelection();
  }

  /** The view of the section with the pinned number, or null. */
  pinnedView() {
    return this.views.find(({ section }) => section.name === this.selection.pinned?.section) ?? null;
  }

  showSelection() {
    const { pinned } = this.selection;
    const chosen = this.pinnedView();
    for (const view of this.views) {
      if ("select" in view) view.select(pinned && view === chosen ? pinned.index : null);
    }
    this.place();
    this.showNumber();
  }

  /** Shows the selected number in the panel, and frames it everywhere else. */
  showNumber() {
    const { message, ratio, strength, selection, views, detail } = this;
    const address = selection.shown;
    const section = address && findSection(message, address.section);
    const settings = { shared: message.shared, ratio, strength, background: message.background };
    const explanation = address && message.explains ? explain(message, address) : null;
    if (explanation) {
      const names = addressNames(message, [...selection.trail, explanation.address]);
      detail.explain(explanation, settings, names, selection.pinned !== null);
    } else if (section?.kind === "tiles") detail.show(section, address?.index ?? 0, settings);
    else detail.showNothing(message.explains, settings);
    frameNumber(views, explanation);
    frameField(message, views, detail, explanation && address);
  }

  /** Puts the panel into its own column on wide screens, so that opening it moves no tile; else below its section. */
  place() {
    const hasTiles = this.views.some((view) => view instanceof TileGrid);
    this.isWide = this.width >= WIDE && hasTiles && this.message.panel;
    const home = this.isWide ? this.side : this.message.panel && this.pinnedView()?.element;
    this.root.classList.toggle("wide", this.isWide);
    this.root.classList.toggle("compact", !this.message.panel);
    this.root.classList.toggle("narrow", this.width < NARROW);
    this.detail.element.hidden = !home;
    if (home && this.detail.element.parentNode !== home) home.append(this.detail.element);
  }

  /** Shrinks the panel at the end of the page, where it has less room than the window, so that its header stays visible. */
  fit() {
    const room = Math.min(window.innerHeight, this.root.getBoundingClientRect().bottom);
    this.detail.element.style.setProperty("--room", `${room}px`);
  }

  /** @param {Address} address */
  choose(address) {
    if (sameAddress(address, this.selection.pinned)) return;
    const before = this.selection.pinned;
    this.player.stop();
    this.selection.pin(address);
    this.settle(before);
    if (!this.isWide) {
      if (this.message.panel) bringIntoView(this.detail.element);
    } else if (this.message.explains && this.pinnedView() instanceof TileGrid) this.detail.focus();
  }

  /** Shows and stores the pinned number; reports its tile to Python if it is a new one. @param {Address|null} before */
  settle(before) {
    const { pinned } = this.selection;
    this.showSelection();
    kept.set(this.message.key, pinned);
    /** @param {Address|null} address */
    const tile = (address) => (address ? [address.section, address.index] : null);
    const isNew = JSON.stringify(tile(before)) !== JSON.stringify(tile(pinned));
    if (this.message.reports && isNew) this.python.setState("selected", tile(pinned));
  }

  close() {
    const { pinned } = this.selection;
    const view = this.pinnedView();
    if (!pinned) return;
    this.player.stop();
    this.selection.release();
    this.settle(pinned);
    if (view && "focus" in view) view.focus(pinned.index);
  }

  /** Pins another number of the same map. @param {Address|null} address */
  move(address) {
    const before = this.selection.pinned;
    if (!address || sameAddress(address, this.selection.pinned)) return;
    this.selection.move(address);
    this.settle(before);
  }

  togglePlay() {
    this.move(this.selection.shown);
    this.player.toggle();
  }

  playOn() {
    const { shown } = this.selection;
    const section = shown && findSection(this.message, shown.section);
    if (section) this.move(nextPlace(section, shown));
    else this.player.stop();
  }

  /** @param {Address} address */
  follow(address) {
    const before = this.selection.pinned;
    this.player.stop();
    this.selection.follow(address);
    this.arrive(before);
  }

  /** @param {number} at index in the trail */
  back(at) {
    const before = this.selection.pinned;
    this.player.stop();
    this.selection.back(at);
    this.arrive(before);
  }

  /** Pins the strongest number of a map of the glance, and goes to it. @param {Address} address */
  open({ section: name, index }) {
    const section = findSection(this.message, name);
    if (!section || section.kind === "picture") return this.enlarge(name);
    const before = this.selection.pinned;
    this.player.stop();
    this.selection.pin(strongestPlace(section, index));
    this.arrive(before);
  }

  /** Goes to a section. @param {string} name */
  enlarge(name) {
    const view = this.views.find(({ section }) => section.name === name);
    if (view) bringIntoView(view.element, "start");
  }

  /** @param {Address|null} before */
  arrive(before) {
    this.settle(before);
    const view = this.pinnedView();
    const { pinned } = this.selection;
    if (view && pinned) bringIntoView("elementOf" in view ? view.elementOf(pinned.index) : view.element, "center");
    this.detail.focus();
  }

  /** @param {number} percent */
  setStrength(percent) {
    this.strength = percent;
    this.detail.setStrength(percent);
  }

  listen() {
    // Scrolling moves the tiles under a resting pointer. Scroll events do not bubble, hence the capture.
    window.addEventListener("scroll", this.onScroll, { capture: true, passive: true });
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.selection.pinned) return;
      event.stopPropagation();
      this.close();
    });
  }

  /** @param {Address} address of the number under the pointer @param {PointerEvent} event */
  point(address, event) {
    if (!this.message.explains) this.frame(address);
    // A finger does not hover: a touch pins. On narrow pages, the panel stays below the section of the pinned number.
    else if (event.pointerType !== "touch" && this.isWide && this.selection.point(address)) this.showNumber();
  }

  /** Frames the receptive field of a number under the pointer; not where numbers are explained. @param {Address|null} address */
  frame(address) {
    if (!this.message.explains) frameField(this.message, this.views, this.detail, address);
  }

  /** @param {number} room the width of the sections */
  fill(room) {
    if (room === this.room) return;
    this.room = room;
    for (const view of this.views) if (view instanceof TileGrid) view.fill(room);
  }

  /** @param {number} width */
  resize(width) {
    this.width = width;
    if (!this.received) return;
    if (window.devicePixelRatio !== this.ratio || growth() !== this.growth || this.message.columns) {
      this.update();
      return;
    }
    this.place();
    this.fit();
    this.glance.update(this.message, width);
    for (const view of this.views) {
      if (view instanceof StripView) view.layOut();
      if (view instanceof PictureView) view.layOut(width);
    }
    this.showNumber();
  }

  destroy() {
    window.removeEventListener("scroll", this.onScroll, { capture: true });
    this.player.stop();
    this.resizing.disconnect();
    this.filling.disconnect();
    this.painter.clear();
    this.root.remove();
  }
}

export default component(Maps);
