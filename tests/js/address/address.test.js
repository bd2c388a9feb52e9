// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

const app = new URL("../../../pages", import.meta.url); // here, the components are files below it
/** @type {{url: string, isEntry: boolean}[]} */
const written = [];
const location = { href: `${app}/filters`, pathname: new URL(`${app}/filters`).pathname };

/** @param {boolean} isEntry */
const write = (isEntry) => (/** @type {unknown} */ _state, /** @type {string} */ _unused, /** @type {string} */ url) => {
  location.href = new URL(url, location.href).href;
  location.pathname = new URL(location.href).pathname;
  written.push({ url: location.href.split("/").at(-1) ?? "", isEntry });
};
/** @type {Record<string, () => void>} */
const happens = {};
const ignore = { addEventListener: () => {} };
const listen = { addEventListener: (/** @type {string} */ type, /** @type {() => void} */ act) => (happens[type] = act) };
Object.assign(globalThis, {
  window: { ...listen, location, innerWidth: 1280, history: { state: null, pushState: write(true), replaceState: write(false) } },
  document: { ...ignore, body: null },
  HTMLElement: class {},
  MutationObserver: class { observe() {} },
});

const { default: component } = await import("../../../pages/components/address/address.js");
const sights = { chosen: ["unit"], shown: ["layer"] };
const draw = (/** @type {string} */ drawing, /** @type {string|null} */ query, path = "filters") => {
  const data = { drawing, sights, path, query, cookies: {} };
  const parentElement = /** @type {any} */ ({}); // another one each time, as if the component had been replaced
  component.draw({ data, key: "", parentElement, setStateValue: () => {}, setTriggerValue: () => {} });
};
const push = (/** @type {string} */ url) => globalThis.window.history.pushState({}, "", url);
const goBack = (/** @type {string} */ page) => {
  location.href = `${app}/${page}`;
  location.pathname = new URL(location.href).pathname;
  happens.popstate?.();
};

test("a drawing that Streamlit repeats leaves the address as it is", () => {
  draw("first", "?layer=conv1");
  push("filters?layer=conv2");
  draw("first", "?layer=conv1");
  assert.deepEqual(written, [
    { url: "filters?layer=conv1", isEntry: false },
    { url: "filters?layer=conv2", isEntry: true },
  ]);
  draw("second", "?layer=conv1");
  assert.equal(written.at(-1)?.url, "filters?layer=conv1");
});

test("after Back, a late message of the page that was left changes no address", () => {
  goBack("train");
  const before = written.length;
  push("data?image=1");
  assert.equal(written.length, before);
  draw("third", "?epochs=3", "train");
  push("data");
  assert.deepEqual(written.slice(before), [
    { url: "train?epochs=3", isEntry: false },
    { url: "data", isEntry: true },
  ]);
});

for (const type of ["click", "keydown"])
  test(`after Back, a page that the user opens by a ${type} has its entry, though the page before is not drawn yet`, () => {
    goBack("train");
    happens[type]?.();
    push("results");
    assert.deepEqual(written.at(-1), { url: "results", isEntry: true });
  });
