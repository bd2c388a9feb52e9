// @ts-check
// The pointer over the component: shows the tooltip of what is under it, and tells the listeners.

import { hoverableUnder, Tooltip } from "./tooltip.js";

/**
 * @typedef {import("./sections.js").Address} Address
 *
 * @typedef {object} Listener
 * @property {(address: Address, event: PointerEvent) => void} point at a number
 * @property {() => void} leave what was under the pointer
 */

export class Pointing {
  /** @param {HTMLElement} root @param {Listener} listener */
  constructor(root, listener) {
    this.listener = listener;
    this.tooltip = new Tooltip();
    /** @type {import("./tooltip.js").Hoverable|null} */
    this.hovered = null;
    root.append(this.tooltip.element);
    root.addEventListener("pointermove", (event) => this.hover(event));
    root.addEventListener("pointerdown", (event) => this.hover(event));
    root.addEventListener("pointerleave", () => this.leave());
    root.addEventListener("pointercancel", () => this.leave());
  }

  /** @param {PointerEvent} event */
  hover(event) {
    const target = hoverableUnder(event);
    if (target !== this.hovered) this.leave();
    this.hovered = target;
    const hint = target && target.hint(event);
    if (hint) this.tooltip.show(hint, event);
    else this.tooltip.hide();
    if (hint?.address) this.listener.point(hint.address, event);
  }

  leave() {
    this.hovered?.leave();
    this.hovered = null;
    this.tooltip.hide();
    this.listener.leave();
  }
}
