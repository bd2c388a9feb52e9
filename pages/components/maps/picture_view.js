// @ts-check
// A section with an image.

import { colourizeImage } from "../common/color.js";
import { element, placeBox } from "../common/dom.js";
import { Heading } from "./heading.js";
import { arrange, cellFor } from "./mosaic.js";
import { Plate } from "./plate.js";

/** @typedef {import("./sections.js").Picture} Picture */

const PICTURE_SIZE = 256; // CSS pixels
const LARGEST_PICTURE = 320;

export class PictureView {
  /** @param {Picture} section @param {import("./tile_grid.js").Context} context */
  constructor(section, context) {
    this.section = section;
    this.ratio = 1;
    this.heading = new Heading();
    this.plate = new Plate((cell) => pictureHint(this.section, cell));
    this.plate.canvas.setAttribute("role", "img");
    this.field = element("span", { class: "field", hidden: true });
    this.plate.element.append(this.field);
    this.element = element("section", {}, this.heading.element, this.plate.element);
    this.context = context;
    this.plate.canvas.addEventListener("click", (event) => {
      const cell = context.explains && this.plate.clickedCell(event);
      if (cell) context.choose(pixelAddress(this.section, cell));
    });
    context.painter.add(this.plate.element, () => this.plate.draw(pictureColours(this.section)));
  }

  /** @param {Picture} section @param {import("./tile_grid.js").Layout} layout */
  update(section, { ratio, width }) {
    this.section = section;
    this.ratio = ratio;
    this.heading.update(section);
    this.plate.canvas.setAttribute("aria-label", `${section.name}, ${section.note}`);
    this.layOut(width);
  }

  /** In a large window, the picture is larger. @param {number} width of the component in CSS pixels */
  layOut(width) {
    const [h, w] = this.section.shape;
    const enlarged = Number(getComputedStyle(this.element).getPropertyValue("--enlarged") || 1); // from the page's style
    const size = Math.min(PICTURE_SIZE * enlarged, Math.max(width, PICTURE_SIZE));
    const cell = cellFor(1, h, w, size * this.ratio, 0, Math.floor);
    this.plate.resize(arrange(1, h, w, cell, 0), this.ratio, LARGEST_PICTURE * enlarged);
    this.context.painter.redraw(this.plate.element);
  }

  /** Marks a part of the image; null: nothing. @param {import("../common/dom.js").Box|null} box */
  mark(box) {
    placeBox(this.field, box);
  }

  /** @param {import("./explain.js").Area|null} area @param {import("./plate.js").FrameKind} kind */
  frame(area, kind) {
    this.plate.frame(area, kind);
  }
}

/** The address of a pixel's first channel. @param {Picture} section @param {{row: number, column: number}} cell */
function pixelAddress({ name }, { row, column }) {
  return { section: name, index: 0, row, column };
}

/** @param {Picture} section */
export function pictureColours({ values, shape }) {
  return colourizeImage(values, shape[2]);
}

/** @param {Picture} section @param {import("./mosaic.js").Cell} cell */
function pictureHint(section, cell) {
  const { name, values, shape } = section;
  const [, w, depth] = shape;
  const at = (cell.row * w + cell.column) * depth;
  const common = { name, place: `row ${cell.row}, column ${cell.column}`, address: pixelAddress(section, cell) };
  if (depth === 1) return { value: String(values[at]), ...common };
  return { value: `R ${values[at]}  G ${values[at + 1]}  B ${values[at + 2]}`, ...common };
}
