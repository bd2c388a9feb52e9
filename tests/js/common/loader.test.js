// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";

import { load } from "../../../pages/components/common/loader.js";

/** @typedef {import("../../../pages/components/common/loader.js").Component} Component */

/** What happened to the component, in order. @type {string[]} */
const events = [];
/** @type {Component} */
const component = {
  draw: ({ data }) => {
    events.push(`draw ${data}`);
  },
  remove: () => {
    events.push("remove");
  },
};
const globals = /** @type {any} */ (globalThis);

/**
 * A function that draws data at a place, as Streamlit does, and waits until it is drawn; it returns the one that undoes
 * the call.
 * @param {import("node:test").TestContext} context
 */
function drawer(context) {
  const { window } = globals;
  globals.window = { location: { href: "http://localhost/page" } };
  globals.loadedComponent = component;
  context.after(() => {
    globals.window = window;
    delete globals.loadedComponent;
  });
  events.length = 0;
  const draw = load("data:text/javascript,", ["* a module */ export default globalThis.loadedComponent;"]);
  /** @param {{isConnected: boolean}} place @param {number} data */
  return async (place, data) => {
    const parentElement = /** @type {any} */ (place);
    const undo = draw({ data, key: "k", parentElement, setStateValue() {}, setTriggerValue() {} });
    while (!events.includes(`draw ${data}`)) await setImmediate();
    return undo;
  };
}

test("a component stays when Streamlit undoes a call that a newer one has overtaken", async (context) => {
  const [draw, place] = [drawer(context), { isConnected: true }];
  await draw(place, 1);
  const undo = await draw(place, 2);
  undo();
  await setImmediate();
  await draw(place, 3);
  assert.deepEqual(events, ["draw 1", "draw 2", "draw 3"]);
});

test("a component is removed when its place has left the page", async (context) => {
  const [draw, place] = [drawer(context), { isConnected: true }];
  await draw(place, 1);
  const undo = await draw(place, 2);
  place.isConnected = false;
  undo();
  await setImmediate();
  assert.deepEqual(events, ["draw 1", "draw 2", "remove"]);
});
