// @ts-check
// The number that the panel explains (pinned by a click, else under the pointer), and the trail of numbers before it.

import { sameAddress } from "./sections.js";

/** @typedef {import("./sections.js").Address} Address */

export class Selection {
  constructor() {
    /** @type {Address|null} */
    this.pinned = null;
    /** @type {Address|null} */
    this.pointed = null;
    /** @type {Address[]} */
    this.trail = [];
  }

  get shown() {
    return this.pinned ?? this.pointed;
  }

  /** Returns whether another number is shown from now on. @param {Address} address */
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

  /** Pins a neighbour: the way here stays. @param {Address} address */
  move(address) {
    this.pinned = address;
  }

  /** @param {Address} address */
  follow(address) {
    if (this.shown) this.trail.push(this.shown);
    this.pinned = address;
  }

  /** @param {number} at place in the trail */
  back(at) {
    this.pinned = this.trail[at];
    this.trail.length = at;
  }

  release() {
    this.pinned = this.pointed = null;
    this.trail = [];
  }

  /** Forgets what new data no longer has. @param {(address: Address|null) => boolean} has */
  keep(has) {
    if (!has(this.pointed)) this.pointed = null;
    this.trail = this.trail.filter(has);
    if (!has(this.pinned)) this.pinned = null;
    if (!this.pinned) this.trail = [];
  }
}
