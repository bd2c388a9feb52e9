// @ts-check
// Notes about parts of a drawing: shown beside the part under the pointer, the focused one, or the one tapped.

import { element } from "../common/dom.js";

const MARGIN = 8; // px, from the edges of the window and from the part

export class Notes {
  /** @param {HTMLElement} root the drawing; its parts have the attribute data-note, the number of their note */
  constructor(root) {
    this.root = root;
    /** @type {string[]} */
    this.texts = [];
    this.at = 0; // the part that Tab reaches
    // In the top layer, so that nothing on the page covers it or cuts it off.
    this.element = element("div", { class: "note", popover: "manual", "aria-hidden": "true" });
    root.addEventListener("pointerover", (event) => this.point(event));
    root.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.hide());
    root.addEventListener("focusin", (event) => this.show(partOf(event)));
    root.addEventListener("focusout", () => this.hide());
    root.addEventListener("keydown", (event) => this.press(event));
    /** @type {SVGElement|null} */
    this.shown = null;
    this.scrolled = () => this.place();
    window.addEventListener("scroll", this.scrolled, { capture: true, passive: true });
  }

  /** @returns {SVGElement[]} */
  get parts() {
    return [...this.root.querySelectorAll("[data-note]")].map((part) => /** @type {SVGElement} */ (part));
  }

  /** The drawing has changed. */
  drawn() {
    this.hide();
    this.reach(Math.min(this.at, Math.max(0, this.parts.length - 1)));
  }

  /** @param {PointerEvent} event */
  point(event) {
    const part = partOf(event);
    if (part) this.show(part);
    else this.hide();
  }

  /** Makes Tab reach one part. @param {number} at */
  reach(at) {
    this.at = at;
    this.parts.forEach((part, i) => part.setAttribute("tabindex", i === at ? "0" : "-1"));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { parts } = this;
    /** @type {Record<string, number>} */
    const targets = { ArrowRight: this.at + 1, ArrowDown: this.at + 1, ArrowLeft: this.at - 1, ArrowUp: this.at - 1, Home: 0, End: parts.length - 1 };
    if (event.key === "Escape") this.hide();
    if (!(event.key in targets)) return;
    event.preventDefault();
    this.reach(Math.max(0, Math.min(parts.length - 1, targets[event.key])));
    parts[this.at]?.focus();
  }

  /** @param {SVGElement|null} part */
  show(part) {
    const text = this.texts[Number(part?.dataset.note)];
    if (!part || text === undefined) return;
    this.reach(this.parts.indexOf(part));
    for (const other of this.parts) other.setAttribute("aria-selected", String(other === part));
    this.element.innerHTML = text;
    if (!this.element.matches(":popover-open")) this.element.showPopover();
    this.shown = part;
    this.place();
  }

  /** Moves the note beside its part. */
  place() {
    if (!this.shown) return;
    const box = this.shown.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = Math.max(MARGIN, Math.min(box.left + box.width / 2 - width / 2, window.innerWidth - width - MARGIN));
    // Best below the whole drawing, which stays visible; else below or above the part.
    const below = [this.root.getBoundingClientRect().bottom, box.bottom].map((bottom) => bottom + MARGIN);
    const top = below.find((top) => top + height <= window.innerHeight) ?? Math.max(MARGIN, box.top - height - MARGIN);
    this.element.style.left = `${left}px`;
    this.element.style.top = `${top}px`;
  }

  hide() {
    this.shown = null;
    if (this.element.matches(":popover-open")) this.element.hidePopover();
    for (const part of this.parts) part.setAttribute("aria-selected", "false");
  }

  destroy() {
    window.removeEventListener("scroll", this.scrolled, { capture: true });
    this.element.remove();
  }
}

/** The part of the drawing in which an event happened. @param {Event} event */
function partOf({ target }) {
  return target instanceof Element ? /** @type {SVGElement|null} */ (target.closest("[data-note]")) : null;
}
