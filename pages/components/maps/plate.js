// @ts-check
// A canvas that shows a mosaic and finds the cell under the pointer.

import { inkOn } from "../common/color.js";
import { contextOf, element, placeBox } from "../common/dom.js";
import { cellText } from "../common/numbers.js";
import { arrange, cellAt, corner, enlarge } from "./mosaic.js";
import { hoverable } from "./tooltip.js";

/**
 * @typedef {import("./explain.js").Area} Area
 * @typedef {import("./mosaic.js").Cell} Cell
 * @typedef {import("./mosaic.js").Mosaic} Mosaic
 * @typedef {import("./tooltip.js").Hint} Hint
 * @typedef {"spot"|"read"} FrameKind a number, or the area it is computed from
 */

const PRINTABLE_CELL = 24; // CSS pixels

export class Plate {
  /** @param {((cell: Cell) => Hint|null)|null} describeCell */
  constructor(describeCell = null) {
    this.canvas = element("canvas");
    // willReadFrequently keeps it in main memory: hundreds of small textures would be slower.
    this.context = contextOf(this.canvas, { willReadFrequently: true });
    this.cursor = element("span", { class: "cursor", hidden: true });
    /** @type {HTMLElement|null} made when first used */
    this.framed = null;
    /** @type {Cell|null} the last marked cell */
    this.pointed = null;
    this.element = element("span", { class: "plate" }, this.canvas, this.cursor);
    /** @type {Mosaic} */
    this.mosaic = arrange(1, 1, 1, 1, 0);
    this.describeCell = describeCell;
    if (describeCell) hoverable.set(this.canvas, this);
  }

  /**
   * Takes the size of a mosaic, without drawing.
   * @param {Mosaic} mosaic
   * @param {number} ratio device pixels per CSS pixel
   * @param {number} maxSide in CSS pixels
   */
  resize(mosaic, ratio, maxSide = Infinity) {
    const longer = Math.max(mosaic.width, mosaic.height) / ratio;
    const shrink = longer > maxSide ? Math.ceil(longer / maxSide) : 1;
    this.mosaic = mosaic;
    this.canvas.style.width = `${mosaic.width / ratio / shrink}px`;
    this.canvas.style.height = `${mosaic.height / ratio / shrink}px`;
    this.canvas.classList.toggle("smooth", shrink > 1);
  }

  get cssWidth() {
    return parseFloat(this.canvas.style.width);
  }

  /** Fills the plate's element, at any size, with one canvas pixel per cell. @param {Mosaic} mosaic */
  stretch(mosaic) {
    this.mosaic = mosaic;
    this.canvas.style.width = "100%";
    this.canvas.style.height = "100%";
    this.canvas.classList.remove("smooth");
  }

  /** Draws one colour per cell; cells beyond the last colour stay transparent. @param {ArrayLike<number>} colours */
  draw(colours) {
    const { width, height } = this.mosaic;
    // Setting the size, even to the same value, clears the canvas, which would flash.
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    const bytes = new Uint8ClampedArray(enlarge(this.mosaic, colours).buffer);
    this.context.putImageData(new ImageData(bytes, width, height), 0, 0);
  }

  /**
   * Prints each value into its cell, to two or three significant digits of the limit, if all fit. Returns whether they
   * did.
   * @param {ArrayLike<number>} values
   * @param {ArrayLike<number>} colours
   * @param {number} ratio
   * @param {number} limit
   */
  print(values, colours, ratio, limit) {
    const { cell, h, w } = this.mosaic;
    if (cell / ratio < PRINTABLE_CELL) return false;
    const { context } = this;
    const size = cell / ratio >= 36 ? 14 : 12;
    context.font = `${size * ratio}px ${getComputedStyle(this.canvas).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const decimals = Math.min(4, Math.max(0, 1 - Math.floor(Math.log10(limit || 1))));
    const texts = [decimals + 1, decimals]
      .map((places) => Array.from(values, (value) => cellText(value, places)))
      .find((all) => all.every((text) => context.measureText(text).width <= cell - 2 * ratio));
    if (!texts) return false;
    texts.forEach((text, at) => {
      const { x, y } = corner(this.mosaic, Math.floor(at / (h * w)), Math.floor((at % (h * w)) / w), at % w);
      context.fillStyle = inkOn(colours[at]);
      context.fillText(text, x + cell / 2, y + cell / 2);
    });
    return true;
  }

  /** The cell under the pointer, or null. @param {MouseEvent} event */
  cellUnder(event) {
    const { width, height } = this.mosaic;
    const bounds = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - bounds.left) / bounds.width) * width;
    const y = ((event.clientY - bounds.top) / bounds.height) * height;
    return cellAt(this.mosaic, x, y);
  }

  /** @param {PointerEvent} event */
  hint(event) {
    const cell = this.cellUnder(event);
    const hint = cell && this.describeCell ? this.describeCell(cell) : null;
    this.mark(hint ? cell : null);
    return hint;
  }

  /** The clicked cell: the last marked one, because cells are small and a click has only whole-pixel coordinates. @param {MouseEvent} event */
  clickedCell(event) {
    return this.pointed ?? this.cellUnder(event);
  }

  leave() {
    this.mark(null);
  }

  /** @param {Cell|null} cell */
  mark(cell) {
    this.pointed = cell;
    const { width, height, cell: side } = this.mosaic;
    const at = cell && corner(this.mosaic, cell.pane, cell.row, cell.column);
    placeBox(this.cursor, at && { left: at.x / width, top: at.y / height, width: side / width, height: side / height });
  }

  /** Frames an area of the only pane, clipped to it; null: nothing. @param {Omit<Area, "first"|"count">|null} area @param {FrameKind} kind */
  frame(area, kind) {
    if (!area) {
      if (this.framed) this.framed.hidden = true;
      return;
    }
    if (!this.framed) {
      this.framed = element("span");
      this.element.append(this.framed);
    }
    const { h, w } = this.mosaic;
    const [top, bottom] = [Math.max(0, area.row), Math.min(h, area.row + area.height)];
    const [left, right] = [Math.max(0, area.column), Math.min(w, area.column + area.width)];
    this.framed.className = `frame ${kind}`;
    placeBox(this.framed, { left: left / w, top: top / h, width: (right - left) / w, height: (bottom - top) / h });
  }
}
