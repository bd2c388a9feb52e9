// @ts-check
// The tooltip: what is under the pointer, as text beside it.

import { element, setText } from "../common/dom.js";

/**
 * What is under the pointer: the value, the name of the tile, the place in it.
 * @typedef {object} Hint
 * @property {string} value
 * @property {string} name
 * @property {string} place
 * @property {string} [colour] CSS
 * @property {import("./sections.js").Address} [address] of the number, if it can be explained
 *
 * @typedef {{hint(event: PointerEvent): Hint|null, leave(): void}} Hoverable
 */

/** Elements with a tooltip. @type {WeakMap<EventTarget, Hoverable>} */
export const hoverable = new WeakMap();

/** @param {PointerEvent} event @returns {Hoverable|null} */
export function hoverableUnder({ target }) {
  if (!(target instanceof Element)) return null;
  const bar = target.closest(".bar");
  return hoverable.get(target) ?? (bar && hoverable.get(bar)) ?? null;
}

/** How far right a tooltip may reach: beside maps stand words, which it would cover. @param {PointerEvent} event */
function edge({ target }) {
  const around = target instanceof Element && target.closest(".stage, .sections, .maps");
  return around ? Math.min(window.innerWidth, around.getBoundingClientRect().right) : window.innerWidth;
}

export class Tooltip {
  constructor() {
    this.swatch = element("span", { class: "swatch" });
    this.value = element("strong");
    this.name = element("span", { class: "note" });
    this.place = element("span");
    const first = element("div", {}, this.swatch, this.value, this.name);
    this.element = element("div", { class: "tooltip", role: "tooltip", hidden: true }, first, this.place);
  }

  hide() {
    this.element.hidden = true;
  }

  /** @param {Hint} hint @param {PointerEvent} event */
  show(hint, event) {
    this.element.hidden = false;
    this.swatch.hidden = !hint.colour;
    this.swatch.style.backgroundColor = hint.colour ?? "";
    setText(this.value, hint.value);
    setText(this.name, hint.name);
    setText(this.place, hint.place);
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const isTouch = event.pointerType === "touch";
    const distance = isTouch ? 36 : 16; // a finger hides more than an arrow
    const fitsRight = event.clientX + distance + width < edge(event) || event.clientX - distance - width < 0;
    const left = fitsRight ? event.clientX + distance : event.clientX - distance - width;
    const above = event.clientY - distance - height;
    const below = event.clientY + distance;
    // Below an arrow: above the maps stands their colour scale. But above a finger, where the hand does not hide it.
    const isAbove = isTouch ? above > 0 : below + height > window.innerHeight && above > 0;
    const top = isAbove ? above : below;
    this.element.style.transform = `translate(${left}px, ${top}px)`;
  }
}
