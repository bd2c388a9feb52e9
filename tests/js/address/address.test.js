// @ts-check
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

const app = new URL("../../../pages", import.meta.url); // here, the components are files below it
/** @type {{url: string, isEntry: boolean}[]} */
const written = [];
const location = { href: `${app}/filters`, pathname: fileURLToPath(`${app}/filters`) };

/** @param {boolean} isEntry */
const write = (isEntry) => (/** @type {unknown} */ _state, /** @type {string} */ _unused, /** @type {string} */ url) => {
  location.href = new URL(url, location.href).href;
  written.push({ url: location.href.split("/").at(-1) ?? "", isEntry });
};
const ignore = { addEventListener: () => {} };
Object.assign(globalThis, {
  window: { ...ignore, location, innerWidth: 1280, history: { state: null, pushState: write(true), replaceState: write(false) } },
  document: { ...ignore, body: null },
  MutationObserver: class { observe() {} },
});

test("a drawing that Streamlit repeats leaves the address as it is", async () => {
  const { default: component } = await import("../../../pages/components/address/address.js");
  const sights = { chosen: ["unit"], shown: ["layer"] };
  const draw = (/** @type {string} */ drawing, /** @type {string|null} */ query) => {
    const data = { drawing, sights, path: "filters", query, cookies: {} };
    const parentElement = /** @type {any} */ ({}); // another one each time, as if the component had been replaced
    component.draw({ data, key: "", parentElement, setStateValue: () => {}, setTriggerValue: () => {} });
  };
  draw("first", "?layer=conv1");
  globalThis.window.history.pushState({}, "", "filters?layer=conv2");
  draw("first", "?layer=conv1");
  assert.deepEqual(written, [
    { url: "filters?layer=conv1", isEntry: false },
    { url: "filters?layer=conv2", isEntry: true },
  ]);
  draw("second", "?layer=conv1");
  assert.equal(written.at(-1)?.url, "filters?layer=conv1");
});
