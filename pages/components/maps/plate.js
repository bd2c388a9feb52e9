// Elements, and the plate: a canvas that shows a mosaic and knows what is under the pointer.

/** Make an element. Text is always set as text, never as markup: names may come from folders and files. */
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Place an absolutely positioned element by fractions of its parent, or hide it. */
function placeBox(node, box) {
  node.hidden = !box;
  if (!box) return;
  for (const side of ["left", "top", "width", "height"]) node.style[side] = `${box[side] * 100}%`;
}

/**
 * What the pointer is over: the value, the name of the tile, the place in it.
 * @typedef {{value: string, name: string, place: string, colour?: string, address?: Address}} Hint
 */

/** Elements that answer the pointer: element -> {hint(event): Hint|null, leave()}. */
const hoverable = new WeakMap();

const PRINTABLE_CELL = 24; // CSS pixels

class Plate {
  /** @param {(cell: {pane: number, row: number, column: number}) => Hint|null} describeCell */
  constructor(describeCell = null) {
    this.canvas = element("canvas");
    // Kept in main memory: pixels are computed here, and hundreds of small textures are slower than none.
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
    this.cursor = element("span", { class: "cursor" });
    this.cursor.hidden = true;
    this.framed = null;
    this.pointed = null; // the cell under the pointer, as told last
    this.element = element("span", { class: "plate" }, this.canvas, this.cursor);
    this.mosaic = null;
    this.describeCell = describeCell;
    if (describeCell) hoverable.set(this.canvas, this);
  }

  /** Take the place of a mosaic without drawing yet. `most`: greatest length of a side in CSS pixels. */
  resize(mosaic, ratio, most = Infinity) {
    const longer = Math.max(mosaic.width, mosaic.height) / ratio;
    const shrink = longer > most ? Math.ceil(longer / most) : 1;
    this.mosaic = mosaic;
    this.canvas.style.width = `${mosaic.width / ratio / shrink}px`;
    this.canvas.style.height = `${mosaic.height / ratio / shrink}px`;
    this.canvas.classList.toggle("smooth", shrink > 1);
  }

  get cssWidth() {
    return parseFloat(this.canvas.style.width);
  }

  /** Fill the plate's element, whatever size it gets, with one canvas pixel per cell. */
  stretch(mosaic) {
    this.mosaic = mosaic;
    this.canvas.style.width = "100%";
    this.canvas.style.height = "100%";
    this.canvas.classList.remove("smooth");
  }

  /** Draw one colour per cell; cells beyond the last colour stay transparent. */
  draw(colours) {
    const { width, height } = this.mosaic;
    // Setting the size clears a canvas; leaving it alone lets new values replace old ones without a flash.
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    this.context.putImageData(enlarge(this.mosaic, colours), 0, 0);
  }

  /** Print each value into its cell, with two or three digits of the limit, if all of them fit. Says whether it did. */
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
      .map((places) => Array.from(values, (value) => cramped(value, places)))
      .find((all) => all.every((text) => context.measureText(text).width <= cell - 2 * ratio));
    if (!texts) return false;
    texts.forEach((text, at) => {
      const { x, y } = corner(this.mosaic, Math.floor(at / (h * w)), Math.floor((at % (h * w)) / w), at % w);
      context.fillStyle = inkOn(colours[at]);
      context.fillText(text, x + cell / 2, y + cell / 2);
    });
    return true;
  }

  /** The cell under the pointer, or null. */
  cellUnder(event) {
    const { width, height } = this.mosaic;
    const bounds = this.canvas.getBoundingClientRect();
    const x = ((event.clientX - bounds.left) / bounds.width) * width;
    const y = ((event.clientY - bounds.top) / bounds.height) * height;
    return cellAt(this.mosaic, x, y);
  }

  hint(event) {
    const cell = this.cellUnder(event);
    const hint = cell && this.describeCell(cell);
    this.mark(hint ? cell : null);
    return hint;
  }

  /** The cell that is clicked: the one that was told, as cells are small and a click comes with whole pixels only. */
  cellClicked(event) {
    return this.pointed ?? this.cellUnder(event);
  }

  leave() {
    this.mark(null);
  }

  mark(cell) {
    this.pointed = cell;
    const { width, height, cell: side } = this.mosaic;
    const at = cell && corner(this.mosaic, cell.pane, cell.row, cell.column);
    placeBox(this.cursor, at && { left: at.x / width, top: at.y / height, width: side / width, height: side / height });
  }

  /** Frame a square of cells of the only pane, as far as it lies within, or nothing. @param {Window|null} window */
  frame(window, kind) {
    if (!this.framed) {
      if (!window) return;
      this.framed = element("span");
      this.element.append(this.framed);
    }
    const { h, w } = this.mosaic;
    const span = (at, size, length) => [Math.max(0, at), Math.min(length, at + size)];
    const [top, bottom] = window ? span(window.row, window.size, h) : [];
    const [left, right] = window ? span(window.column, window.size, w) : [];
    this.framed.className = `frame ${kind}`;
    placeBox(this.framed, window && {
      left: left / w, top: top / h, width: (right - left) / w, height: (bottom - top) / h,
    });
  }
}
