// Sections with one canvas: an image, and a long vector as a strip.

const PICTURE_SIZE = 256; // CSS pixels
const LARGEST_PICTURE = 320;

class PictureView {
  /** @param {{painter: LazyPainter, explains: boolean, choose(address: Address): void}} context */
  constructor(section, context) {
    this.section = section;
    this.heading = new Heading();
    this.plate = new Plate((cell) => pictureHint(this.section, cell));
    this.field = element("span", { class: "field" });
    this.field.hidden = true;
    this.plate.element.append(this.field);
    this.element = element("section", {}, this.heading.element, this.plate.element);
    this.context = context;
    this.plate.canvas.addEventListener("click", (event) => {
      const cell = context.explains && this.plate.cellClicked(event);
      if (cell) context.choose(pixelAddress(this.section, cell));
    });
    context.painter.add(this.plate.element, () => this.plate.draw(pictureColours(this.section)));
  }

  update(section, { ratio }) {
    this.section = section;
    const [h, w] = section.shape;
    this.heading.update(section);
    this.plate.canvas.setAttribute("role", "img");
    this.plate.canvas.setAttribute("aria-label", `${section.name}, ${section.note}`);
    const cell = cellFor(1, h, w, PICTURE_SIZE * ratio, 0, Math.floor);
    this.plate.resize(arrange(1, h, w, cell, 0), ratio, LARGEST_PICTURE);
    this.context.painter.redraw(this.plate.element);
  }

  /** Mark a part of the image, or nothing. @param {Box|null} box */
  mark(box) {
    placeBox(this.field, box);
  }

  /** What is read of the image is marked as its receptive field already. @param {Window|null} window */
  frame(window, kind) {
    this.plate.frame(kind === "spot" ? window : null, kind);
  }
}

/** A pixel has a number for each channel; this is the first. */
function pixelAddress({ name }, { row, column }) {
  return { section: name, index: 0, row, column };
}

function pictureColours({ values, shape }) {
  return colourizeImage(values, shape[2]);
}

function pictureHint(section, cell) {
  const { name, values, shape } = section;
  const [, w, depth] = shape;
  const at = (cell.row * w + cell.column) * depth;
  const known = { name, place: `row ${cell.row}, column ${cell.column}`, address: pixelAddress(section, cell) };
  if (depth === 1) return { value: String(values[at]), ...known };
  return { value: `R ${values[at]}  G ${values[at + 1]}  B ${values[at + 2]}`, ...known };
}

const STRIP_HEIGHT = 130; // CSS pixels; longer vectors get smaller cells
const STRIP_CELLS = [10, 8, 6, 5, 4, 3, 2, 1];

/** Cells per row, and their size, with which `count` cells fill the width and not more than the strip's height. */
function wrapStrip(count, width) {
  const perRow = (cell) => Math.max(1, Math.floor(width / cell));
  const cell = STRIP_CELLS.find((size) => Math.ceil(count / perRow(size)) * size <= STRIP_HEIGHT) ?? 1;
  return { cell, perRow: Math.min(count, perRow(cell)) };
}

class StripView {
  constructor(section, context) {
    this.section = section;
    this.context = context;
    this.heading = new Heading();
    this.plate = new Plate((cell) => this.hintAt(cell));
    this.plate.canvas.setAttribute("role", "img");
    this.holder = element("div", { class: "strip" }, this.plate.element);
    this.element = element("section", {}, this.heading.element, this.holder);
    this.framed = [null];
    this.plate.canvas.addEventListener("click", (event) => {
      const cell = context.explains && this.plate.cellClicked(event);
      const address = cell && this.addressOf(cell);
      if (address) context.choose(address);
    });
    context.painter.add(this.holder, () => this.plate.draw(stripColours(this.section)));
  }

  update(section, { ratio }) {
    const { name, note, signed, limit } = section;
    this.section = section;
    this.ratio = ratio;
    this.heading.update(section, { signed, limit });
    this.plate.canvas.setAttribute("aria-label", `${name}, ${note}, ${spokenNumbers(summarize(section.values))}`);
    this.layOut();
  }

  /** As many cells to a row as fit; again whenever the width changes. */
  layOut() {
    const count = this.section.values.length;
    const { cell, perRow } = wrapStrip(count, this.holder.clientWidth);
    this.plate.resize(arrange(1, Math.ceil(count / perRow), perRow, Math.round(cell * this.ratio), 0), this.ratio);
    this.context.painter.redraw(this.holder);
    this.frame(...this.framed);
  }

  addressOf({ row, column }) {
    const index = row * this.plate.mosaic.w + column;
    return index < this.section.values.length ? { section: this.section.name, index, row: 0, column: 0 } : null;
  }

  hintAt(cell) {
    const { values, name, signed, limit } = this.section;
    const address = this.addressOf(cell);
    if (!address) return null;
    const value = values[address.index];
    const [colour] = colourize([value], signed, limit);
    return { value: exact(value), name, place: `number ${address.index}`, colour: swatchColour(colour), address };
  }

  /** @param {Window|null} window */
  frame(window, kind) {
    this.framed = [window, kind];
    const { w } = this.plate.mosaic;
    this.plate.frame(window && { row: Math.floor(window.index / w), column: window.index % w, size: 1 }, kind);
  }
}

function stripColours({ values, signed, limit }) {
  return colourize(values, signed, limit);
}
