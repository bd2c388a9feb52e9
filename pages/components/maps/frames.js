// @ts-check
// Frames around a number and what it reads: on the maps of its layer and of the one before, and on the image.

import { receptiveField } from "./mosaic.js";
import { PictureView } from "./picture_view.js";
import { findSection } from "./sections.js";

/**
 * @typedef {import("./sections.js").Address} Address
 * @typedef {import("./tile_grid.js").TileGrid|import("./bars_view.js").BarsView|import("./strip_view.js").StripView
 *   |PictureView} View
 */

/** @param {import("./sections.js").Section} section */
const geometryOf = (section) => (section.kind === "tiles" ? section.geometry : null);

/** Frames a number among the sections, and what it reads of its source. @param {View[]} views @param {import("./explain.js").Explanation|null} explanation */
export function frameNumber(views, explanation) {
  for (const view of views) {
    if (explanation && view.section.name === explanation.section.name) {
      const { index, row, column } = explanation.address;
      view.frame({ first: index, count: 1, row, column, height: 1, width: 1 }, "spot");
      continue;
    }
    const isSource = explanation && view.section.name === explanation.source?.name;
    // What is read of the image is marked already where it is the receptive field; see below.
    const isMarked = view instanceof PictureView && explanation && geometryOf(explanation.section);
    view.frame(isSource && !isMarked ? explanation.reads : null, "read");
  }
}

/**
 * Frames what a number depends on, on the panel's image and on the same image among the sections.
 * @param {import("./sections.js").Message} message
 * @param {View[]} views
 * @param {import("./detail.js").Detail} detail
 * @param {Address|null} address
 */
export function frameField(message, views, detail, address) {
  const { background } = message;
  if (!background) return;
  const [h, w] = background.shape;
  const section = address && findSection(message, address.section);
  const geometry = section && geometryOf(section);
  const box = geometry ? receptiveField(geometry, [address.row, address.column], [h, w]) : null;
  detail.mark(box);
  for (const view of views) {
    if (view instanceof PictureView && view.section.shape[0] === h && view.section.shape[1] === w) view.mark(box);
  }
}
