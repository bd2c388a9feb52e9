// @ts-check
// Which view draws a section.

import { BarsView } from "./bars_view.js";
import { PictureView } from "./picture_view.js";
import { StripView } from "./strip_view.js";
import { TileGrid } from "./tile_grid.js";

/** @typedef {TileGrid|BarsView|StripView|PictureView} View */

/** @param {import("./sections.js").Section} section @param {import("./tile_grid.js").Context} context @returns {View} */
export function viewOf(section, context) {
  switch (section.kind) {
    case "tiles": return new TileGrid(section, context);
    case "bars": return new BarsView(section, context);
    case "picture": return new PictureView(section, context);
    case "strip": return new StripView(section, context);
  }
}
