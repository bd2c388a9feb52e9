// The other sections: an image, bars, and a long vector as a strip.

const PICTURE_SIZE = 220; // CSS pixels
const LARGEST_PICTURE = 320;

class PictureView {
  constructor(section, context) {
    this.heading = new Heading();
    this.plate = new Plate((cell) => pictureHint(this.section, cell));
    this.field = element("span", { class: "field" });
    this.field.hidden = true;
    this.plate.element.append(this.field);
    this.element = element("section", {}, this.heading.element, this.plate.element);
    this.context = context;
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
}

function pictureColours({ values, shape }) {
  return colourizeImage(values, shape[2]);
}

function pictureHint({ name, values, shape }, { row, column }) {
  const [, w, depth] = shape;
  const at = (row * w + column) * depth;
  const place = `row ${row}, column ${column}`;
  if (depth === 1) return { value: String(values[at]), name, place };
  return { value: `R ${values[at]}  G ${values[at + 1]}  B ${values[at + 2]}`, name, place };
}

const MOST_ROWS = 12;

/** Where a bar starts and how long it is, in percent of the track; signed tracks have their zero in the middle. */
function barSpan(value, limit, signed) {
  const part = limit > 0 && Number.isFinite(value) ? Math.min(1, Math.abs(value) / limit) : 0;
  if (!signed) return { start: 0, length: value > 0 ? part * 100 : 0 };
  return { start: value < 0 ? 50 - part * 50 : 50, length: part * 50 };
}

const barLimit = ({ unit, limit }) => (unit === "%" ? Math.max(100, limit) : limit);
const withUnit = (text, unit) => (unit ? `${text} ${unit}` : text);
const barLabel = ({ labels }, index) => labels[index] ?? String(index);

/** Index of the largest value, or -1 when none is finite. */
function largest(values) {
  return values.reduce((best, value, at) => (Number.isFinite(value) && !(value <= values[best]) ? at : best), -1);
}

class BarsView {
  constructor(section) {
    this.heading = new Heading();
    this.dense = section.shape[0] > MOST_ROWS;
    this.bars = Array.from({ length: section.shape[0] }, (_, index) => this.makeBar(index));
    this.list = element("div", { class: this.dense ? "columns" : "rows", role: "list" });
    this.list.append(...this.bars.map((bar) => bar.element));
    this.caption = element("p", { class: "note" });
    this.element = element("section", {}, this.heading.element, this.list, this.caption);
  }

  makeBar(index) {
    const label = element("span", { class: "label" });
    const fill = element("span", { class: "fill" });
    const track = element("span", { class: "track" }, fill);
    const value = element("span", { class: "value" });
    const bar = element("div", { class: "bar", role: "listitem" });
    bar.append(...(this.dense ? [track] : [label, track, value]));
    hoverable.set(bar, { hint: () => this.hint(index), leave() {} });
    return { element: bar, label, fill, value };
  }

  hint(index) {
    const { values, unit, name } = this.section;
    return { value: withUnit(exact(values[index]), unit), name, place: barLabel(this.section, index) };
  }

  update(section) {
    this.section = section;
    const { values, signed, unit, colors } = section;
    const limit = barLimit(section);
    const top = largest(values);
    this.heading.update(section);
    this.list.classList.toggle("signed", signed);
    this.list.setAttribute("aria-label", `${section.name}, ${section.note}`);
    setText(this.caption, [this.dense ? denseCaption(section, top) : "", section.caption].filter(Boolean).join(" · "));
    this.caption.hidden = this.caption.textContent === "";
    this.bars.forEach((bar, index) => {
      const { start, length } = barSpan(values[index], limit, signed);
      bar.element.style.setProperty("--start", `${start}%`);
      bar.element.style.setProperty("--length", `${length}%`);
      bar.element.classList.toggle("top", index === top);
      bar.element.classList.toggle("negative", values[index] < 0);
      bar.element.setAttribute("aria-label", `${barLabel(section, index)}: ${withUnit(exact(values[index]), unit)}`);
      bar.fill.style.backgroundColor = colors[index] ?? "";
      setText(bar.label, barLabel(section, index));
      setText(bar.value, withUnit(brief(values[index]), unit));
    });
  }
}

function denseCaption(section, top) {
  if (top === -1) return "no finite value";
  return `largest: ${barLabel(section, top)} with ${withUnit(brief(section.values[top]), section.unit)}`;
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
    this.context = context;
    this.heading = new Heading();
    this.plate = new Plate((cell) => this.hintAt(cell));
    this.plate.canvas.setAttribute("role", "img");
    this.frame = element("div", { class: "strip" }, this.plate.element);
    this.element = element("section", {}, this.heading.element, this.frame);
    context.painter.add(this.frame, () => this.plate.draw(stripColours(this.section)));
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
    const { cell, perRow } = wrapStrip(count, this.frame.clientWidth);
    this.plate.resize(arrange(1, Math.ceil(count / perRow), perRow, Math.round(cell * this.ratio), 0), this.ratio);
    this.context.painter.redraw(this.frame);
  }

  hintAt({ row, column }) {
    const { values, name, signed, limit } = this.section;
    const index = row * this.plate.mosaic.w + column;
    if (index >= values.length) return null;
    const [colour] = colourize([values[index]], signed, limit);
    return { value: exact(values[index]), name, place: `number ${index}`, colour: swatchColour(colour) };
  }
}

function stripColours({ values, signed, limit }) {
  return colourize(values, signed, limit);
}
