// @ts-check
// A section of tiles: a listbox whose options are canvases.

import { element, setText } from "../common/dom.js";
import { summaryText } from "../common/numbers.js";
import { Heading } from "./heading.js";
import { hasModifier, neighbour } from "./keys.js";
import { arrange, cellFor, evenColumns } from "./mosaic.js";
import { Plate } from "./plate.js";
import { strongestPlace } from "./sections.js";
import { companionHint, companionStyle, panesOf, tileColours, tileHint } from "./tile_hints.js";

/**
 * @typedef {import("./explain.js").Area} Area
 * @typedef {import("./sections.js").Address} Address
 * @typedef {import("./sections.js").Block} Block
 * @typedef {import("./sections.js").Tiles} Tiles
 *
 * What all sections of a component share.
 * @typedef {object} Context
 * @property {import("./lazy_painter.js").LazyPainter} painter
 * @property {boolean} explains whether single numbers can be chosen
 * @property {(address: Address) => void} choose
 *
 * @typedef {object} Layout
 * @property {boolean} shared
 * @property {number} tile width in CSS pixels
 * @property {number|null} columns
 * @property {number} ratio device pixels per CSS pixel
 * @property {number} width of the component in CSS pixels
 * @property {number} room the width of the sections in CSS pixels; 0 until it is known
 */

const COLUMN_GAP = 8; // CSS pixels between a fixed number of columns
const TILE_GAP = 12; // CSS pixels between other columns; the same as in maps.css
const LARGEST_TILE = 2; // times the requested tile size; larger maps are shrunk
const MANY_PANES = 36; // more panes have thinner gaps
const SPACE_BESIDE = 6; // CSS pixels between a companion and its tile; the same as in maps.css

class Tile {
  /** @param {TileGrid} grid @param {number} index */
  constructor(grid, index) {
    this.grid = grid;
    this.index = index;
    this.plate = new Plate((cell) => tileHint(grid.section, index, cell, grid.shared));
    this.companion = grid.section.beside && new Plate((cell) => companionHint(grid.section, index, cell, grid.shared));
    this.label = element("span", { class: "label" });
    this.caption = element("span", { class: "caption" });
    this.badge = element("span", { class: "badge" }, "silent");
    this.plate.element.append(this.badge);
    const plates = element("span", { class: "plates" });
    if (this.companion) plates.append(this.companion.element);
    plates.append(this.plate.element);
    const names = element("span", { class: "names" }, this.label, " ", this.caption);
    const attributes = { class: "tile", role: "option", tabindex: -1, "aria-selected": "false" };
    this.element = element("div", attributes, plates, names);
  }

  /** @param {Tiles} section */
  update({ labels, captions, dim, name, summaries }) {
    const silent = dim[this.index] ?? false;
    const caption = captions[this.index] ?? "";
    setText(this.label, labels[this.index]);
    setText(this.caption, caption);
    this.badge.hidden = !silent;
    this.element.classList.toggle("silent", silent);
    const parts = [`${name} ${labels[this.index]}`.trim(), caption, silent && "silent", summaryText(summaries[this.index])];
    this.element.setAttribute("aria-label", parts.filter(Boolean).join(", "));
  }

  draw() {
    const { section, shared } = this.grid;
    this.plate.draw(tileColours(section, this.index, { signed: section.signed, rgb: section.rgb, shared }));
    if (!this.companion || !section.beside) return;
    this.companion.draw(tileColours(section.beside, this.index, companionStyle(section, shared)));
  }
}

export class TileGrid {
  /** @param {Tiles} section @param {Context} context */
  constructor(section, context) {
    this.section = section;
    this.shared = false;
    this.context = context;
    this.heading = new Heading();
    this.tiles = Array.from({ length: section.shown }, (_, index) => new Tile(this, index));
    this.list = element("div", { class: "tiles", role: "listbox" }, ...this.tiles.map((tile) => tile.element));
    this.element = element("section", {}, this.heading.element, this.list);
    this.list.addEventListener("click", (event) => this.choose(event));
    this.list.addEventListener("keydown", (event) => this.press(event));
    for (const tile of this.tiles) context.painter.add(tile.element, () => tile.draw());
    this.room = 0; // CSS pixels for a row of tiles; 0 until it is known
    /** @type {number|null} of a tile whose row has no fixed number of columns, in CSS pixels */
    this.tileWidth = null;
    this.rove(0);
  }

  /** @param {Tiles} section @param {Layout} layout */
  update(section, { shared, tile: size, columns, ratio, width, room }) {
    const { signed, rgb, limit } = section;
    this.section = section;
    this.shared = shared;
    this.heading.update(section, { signed, rgb, limit: shared ? limit : null });
    this.list.setAttribute("aria-label", `${section.name}, ${section.note}`);
    this.room = room;
    this.layOut(size, columns, ratio, width);
    for (const tile of this.tiles) {
      tile.update(section);
      this.context.painter.redraw(tile.element);
    }
  }

  /**
   * With a fixed number of columns, tiles grow with the window.
   * @param {number} least size of a tile @param {number|null} columns @param {number} ratio @param {number} room width
   */
  layOut(least, columns, ratio, room) {
    const share = columns ? (room - COLUMN_GAP * (columns - 1)) / columns : 0;
    const size = Math.max(least, Math.min(share, least * LARGEST_TILE));
    const { section } = this;
    /** @param {Block} block @param {boolean} rgb @param {number} target */
    const plan = (block, rgb, target) => {
      const panes = panesOf(block, rgb);
      const [, , h, w] = block.shape;
      const gap = Math.round(ratio * (panes > MANY_PANES ? 1 : 2));
      const round = size > least ? Math.floor : Math.round;
      return arrange(panes, h, w, cellFor(panes, h, w, target * ratio, gap, round), gap);
    };
    const mosaic = plan(section, section.rgb, size);
    const companion = section.beside && plan(section.beside, section.besideRgb, size / 2);
    for (const tile of this.tiles) {
      tile.plate.resize(mosaic, ratio, size * LARGEST_TILE);
      if (companion) tile.companion?.resize(companion, ratio);
    }
    const [{ plate, companion: beside }] = this.tiles;
    const width = plate.cssWidth + (beside ? SPACE_BESIDE + beside.cssWidth : 0);
    this.list.style.columnGap = columns ? `${COLUMN_GAP}px` : "";
    this.tileWidth = columns ? null : Math.max(size, width);
    if (columns) this.list.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    else this.fill(this.room);
  }

  /** Fills the rows evenly, if their number of columns is not fixed. @param {number} room for a row, in CSS pixels */
  fill(room) {
    this.room = room;
    if (this.tileWidth === null) return;
    const columns = room ? evenColumns(this.tiles.length, this.tileWidth, TILE_GAP, room) : "auto-fill";
    this.list.style.gridTemplateColumns = `repeat(${columns}, ${this.tileWidth}px)`;
  }

  /** @param {number|null} index */
  select(index) {
    this.tiles.forEach((tile, at) => tile.element.setAttribute("aria-selected", String(at === index)));
    if (index !== null && index in this.tiles) this.rove(index);
  }

  /** Frames an area in the maps that it covers. @param {Area|null} area @param {import("./plate.js").FrameKind} kind */
  frame(area, kind) {
    this.tiles.forEach(({ plate }, at) => {
      plate.frame(area && at >= area.first && at < area.first + area.count ? area : null, kind);
    });
  }

  /** The element of a tile, if it is drawn. @param {number} index */
  elementOf(index) {
    return this.tiles[index]?.element ?? this.element;
  }

  /** @param {number} index */
  focus(index) {
    if (!(index in this.tiles)) return;
    this.rove(index);
    this.tiles[index].element.focus();
  }

  /** Makes this tile the one that Tab reaches; the arrow keys move on from there. @param {number} index */
  rove(index) {
    this.tiles.forEach((tile, at) => { tile.element.tabIndex = at === index ? 0 : -1; });
  }

  /** @param {Event} event */
  indexOf(event) {
    return this.tiles.findIndex((tile) => tile.element.contains(/** @type {Node} */ (event.target)));
  }

  /** @param {MouseEvent|KeyboardEvent} event */
  choose(event) {
    const index = this.indexOf(event);
    if (index === -1) return;
    this.rove(index);
    const { plate } = this.tiles[index];
    const cell = event.target === plate.canvas && event instanceof MouseEvent ? plate.clickedCell(event) : null;
    this.context.choose(cell
      ? { section: this.section.name, index, row: cell.row, column: cell.column }
      : strongestPlace(this.section, index));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const index = this.indexOf(event);
    if (index === -1 || hasModifier(event)) return;
    if (event.key === "Enter" || event.key === " ") {
      this.choose(event);
    } else {
      const next = neighbour(event.key, index, this.tiles.length, this.tilesPerRow());
      if (next === null) return;
      this.focus(next);
    }
    event.preventDefault();
  }

  tilesPerRow() {
    const top = this.tiles[0].element.offsetTop;
    const second = this.tiles.findIndex((tile) => tile.element.offsetTop > top);
    return second === -1 ? this.tiles.length : second;
  }
}
