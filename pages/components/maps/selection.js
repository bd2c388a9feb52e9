// @ts-check
// The selected number, which the panel explains: the pinned one, else the one under the pointer. And the trail to it:
// the numbers that the user followed.

import { exists, findSection, sameAddress, strongestPlace } from "./sections.js";

/** @typedef {import("./sections.js").Address} Address */

export class Selection {
  constructor() {
    /** @type {Address|null} */
    this.pinned = null;
    /** @type {Address|null} under the pointer */
    this.pointed = null;
    /** @type {Address[]} */
    this.trail = [];
    /** @type {string|null} what Python selected last, as JSON: only a change counts */
    this.requested = null;
  }

  /**
   * Takes a new selection from Python, and forgets numbers that the new data no longer has.
   * @param {import("./sections.js").Message} message
   * @param {Address|null} remembered from an earlier visit to the page; restored unless Python selects another tile
   */
  adopt(message, remembered) {
    const { selected } = message;
    const requested = JSON.stringify(selected);
    const section = selected && requested !== this.requested ? findSection(message, selected[0]) : null;
    const pythonDiffers = selected && (remembered?.section !== selected[0] || remembered?.index !== selected[1]);
    if (remembered && !pythonDiffers) this.pin(remembered);
    else if (selected && section) this.pin(strongestPlace(section, selected[1]));
    this.requested = requested;
    this.forgetMissing((address) => exists(message, address));
  }

  get shown() {
    return this.pinned ?? this.pointed;
  }

  /** Returns whether the selection changed. @param {Address} address */
  point(address) {
    if (this.pinned || sameAddress(address, this.pointed)) return false;
    this.pointed = address;
    return true;
  }

  /** @param {Address} address */
  pin(address) {
    this.pinned = address;
    this.trail = [];
  }

  /** Pins a neighbour; the trail stays. @param {Address} address */
  move(address) {
    this.pinned = address;
  }

  /** @param {Address} address */
  follow(address) {
    if (this.shown) this.trail.push(this.shown);
    this.pinned = address;
  }

  /** @param {number} at index in the trail */
  back(at) {
    this.pinned = this.trail[at];
    this.trail.length = at;
  }

  release() {
    this.pinned = this.pointed = null;
    this.trail = [];
  }

  /** Forgets numbers that new data no longer has. @param {(address: Address|null) => boolean} has */
  forgetMissing(has) {
    if (!has(this.pointed)) this.pointed = null;
    this.trail = this.trail.filter(has);
    if (!has(this.pinned)) this.pinned = null;
    if (!this.pinned) this.trail = [];
  }
}
