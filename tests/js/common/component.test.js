// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { component } from "../../../pages/components/common/component.js";

/** @typedef {import("../../../pages/components/common/loader.js").StreamlitCall} StreamlitCall */

/** @param {object} place @param {Partial<StreamlitCall>} others @returns {StreamlitCall} */
function call(place, others) {
  const parentElement = /** @type {HTMLElement} */ (place);
  return { data: 1, key: "k", parentElement, setStateValue() {}, setTriggerValue() {}, ...others };
}

class Kind {
  /** @param {unknown} _ @param {import("../../../pages/components/common/component.js").Python} python */
  constructor(_, python) {
    this.python = python;
    /** @type {unknown[]} */
    this.received = [];
    Kind.made.push(this);
  }

  /** @type {Kind[]} */
  static made = [];

  /** @param {unknown} data */
  receive(data) {
    this.received.push(data);
  }

  destroy() {
    this.received.push("destroyed");
  }
}

test("a component is made once for each place, kept between runs, and destroyed on removal", () => {
  Kind.made = [];
  const { draw, remove } = component(Kind);
  const [one, other] = [{}, {}];
  draw(call(one, { data: null }));
  assert.equal(Kind.made.length, 0);
  draw(call(one, { data: "a" }));
  draw(call(one, { data: "b" }));
  draw(call(other, { data: "c" }));
  remove(/** @type {HTMLElement} */ (one));
  draw(call(one, { data: "d" }));
  assert.deepEqual(Kind.made.map(({ received }) => received), [["a", "b", "destroyed"], ["c"], ["d"]]);
});

test("values go to Python through the newest call", () => {
  Kind.made = [];
  /** @type {unknown[]} */
  const sent = [];
  const { draw } = component(Kind);
  const place = {};
  draw(call(place, { setStateValue: () => sent.push("old") }));
  draw(call(place, { setStateValue: (name, value) => sent.push([name, value]) }));
  Kind.made[0].python.setState("chosen", 3);
  assert.deepEqual(sent, [["chosen", 3]]);
});
