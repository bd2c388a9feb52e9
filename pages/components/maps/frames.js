// @ts-check
// Draws frames around a number and around its inputs: on its layer, on the layer before, and on the image.

import { receptiveField } from "./mosaic.js";
import { PictureView } from "./picture_view.js";
import { findSection } from "./sections.js";

/**
 * @typedef {import("./sections.js").Address} Address
 * @typedef {import("./views.js").View} View
 */

/** @param {import("./sections.js").Section} section */
const geometryOf = (section) => (section.kind === "tiles" ? section.geometry : null);

/** Frames a number, and the area of its source that it depends on. @param {View[]} views @param {import("./explain.js").Explanation|null} explanation */
export function frameNumber(views, explanation) {
  for (const view of views) {
    if (explanation && view.section.name === explanation.section.name) {
      const { index, row, column } = explanation.address;
      view.frame({ first: index, count: 1, row, column, height: 1, width: 1 }, "spot");
      continue;
    }
    const isSource = explanation && view.section.name === explanation.source?.name;
    // frameField marks the receptive field on the image.
    const hasField = view instanceof PictureView && explanation && geometryOf(explanation.section);
    view.frame(isSource && !hasField ? explanation.reads : null, "read");
  }
}

/**
 * Frames the receptive field of a number, on the panel's image and on the image among the sections.
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
