// @ts-check
// The stage of the panel: one map enlarged, over the input image if there is one, with its colour scale.

import { element, placeBox } from "../common/dom.js";
import { Legend } from "./heading.js";
import { arrange, cellFor, placeOnImage } from "./mosaic.js";
import { pictureColours } from "./picture_view.js";
import { Plate } from "./plate.js";
import { addressName, tileLimit, tileValues } from "./sections.js";
import { StrengthSlider } from "./strength.js";
import { tileColours } from "./tile_hints.js";

/**
 * @typedef {import("./sections.js").Address} Address
 * @typedef {import("./sections.js").Picture} Picture
 * @typedef {import("./sections.js").Tiles} Tiles
 */

export const SIDE = 320; // CSS pixels

export class Stage {
  /**
   * @param {(cell: import("./mosaic.js").Cell) => import("./tooltip.js").Hint|null} describeCell
   * @param {(percent: number) => void} setStrength
   */
  constructor(describeCell, setStrength) {
    this.hasPicture = false;
    this.picture = new Plate();
    this.map = new Plate(describeCell);
    this.field = element("span", { class: "field" });
    this.box = element("div", { class: "stage" }, this.picture.element, this.map.element, this.field);
    this.strength = new StrengthSlider(setStrength);
    this.legend = new Legend();
    this.element = element("div", { class: "views" }, this.box, this.strength.element, this.legend.element);
    this.mark(null);
  }

  /**
   * @param {Tiles} section @param {number} index
   * @param {import("./detail.js").Settings} settings
   * @param {boolean} fills whether the image fills the box, whose size CSS sets
   */
  showMap(section, index, { shared, ratio, strength, background }, fills) {
    const { signed, rgb, shape } = section;
    const limit = tileLimit(section, index, shared);
    const colours = tileColours(section, index, { signed, rgb, shared });
    const isOverlay = background !== null && shape[1] === 1;
    for (const part of [this.legend.element, this.box, this.map.element]) part.hidden = false;
    this.strength.element.hidden = !isOverlay;
    this.showPicture(isOverlay ? background : null, ratio, fills);
    this.picture.frame(null, "spot");
    if (isOverlay) {
      this.placeOver(section, background);
      this.map.draw(colours);
    } else {
      this.showAlone(section, ratio);
      this.map.draw(colours);
      if (!rgb) this.map.print(tileValues(section, index), colours, ratio, limit);
    }
    this.setStrength(isOverlay ? strength : 100);
    this.legend.update({ signed, rgb, limit });
  }

  /**
   * Shows the image alone, or nothing without one.
   * @param {Picture|null} image
   * @param {Address|null} pixel to mark
   * @param {number} ratio @param {boolean} fills
   */
  showImage(image, pixel, ratio, fills) {
    for (const part of [this.legend.element, this.strength.element, this.map.element]) part.hidden = true;
    this.box.hidden = !image;
    this.box.removeAttribute("tabindex");
    this.showPicture(image, ratio, fills);
    this.picture.frame(pixel && { ...pixel, height: 1, width: 1 }, "spot");
  }

  /** Marks a value of the map, and lets keys move on from there. @param {Tiles} section @param {Address} address */
  aimAt(section, address) {
    this.map.frame({ ...address, height: 1, width: 1 }, "spot");
    this.box.tabIndex = 0;
    this.box.setAttribute("role", "application");
    this.box.setAttribute("aria-label", `${addressName(section, address)}: arrow keys move, Space plays`);
  }

  /** @param {Picture|null} picture @param {number} ratio @param {boolean} fills whether it fills the box, whose size CSS sets */
  showPicture(picture, ratio, fills) {
    this.picture.element.hidden = !picture;
    this.hasPicture = picture !== null;
    if (!picture) return;
    const [h, w] = picture.shape;
    const longer = Math.max(h, w);
    this.box.style.setProperty("--high", String(h / longer)); // fractions of the side of a square
    this.box.style.setProperty("--wide", String(w / longer));
    if (fills) this.picture.stretch(arrange(1, h, w, 1, 0));
    else this.picture.resize(arrange(1, h, w, cellFor(1, h, w, SIDE * ratio, 0, Math.floor), 0), ratio, SIDE);
    this.picture.draw(pictureColours(picture));
  }

  /** Places the map where it belongs on the image: one canvas pixel per value, stretched by the browser. @param {Tiles} section @param {Picture} background */
  placeOver({ shape, geometry }, background) {
    const [, , h, w] = shape;
    const [height, width] = background.shape;
    this.box.classList.add("laid");
    this.map.stretch(arrange(1, h, w, 1, 0));
    placeBox(this.map.element, placeOnImage(geometry, [h, w], [height, width]));
  }

  /** @param {Tiles} section @param {number} ratio */
  showAlone({ shape, rgb }, ratio) {
    const [, k, h, w] = shape;
    const panes = rgb ? 1 : k;
    const gap = Math.round(2 * ratio);
    this.box.classList.remove("laid");
    this.map.element.removeAttribute("style");
    this.map.resize(arrange(panes, h, w, cellFor(panes, h, w, SIDE * ratio, gap, Math.floor), gap), ratio, SIDE);
  }

  /** @param {number} percent */
  setStrength(percent) {
    this.map.canvas.style.opacity = String(percent / 100);
    this.strength.show(percent);
  }

  /** Frames a part of the image, or nothing. @param {import("../common/dom.js").Box|null} box */
  mark(box) {
    placeBox(this.field, this.hasPicture ? box : null);
  }
}
