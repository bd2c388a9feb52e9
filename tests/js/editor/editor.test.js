// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import component from "../../../pages/components/editor/editor.js";

/** As much of an element as the editor uses. */
function node() {
  /** @type {Record<string, () => void>} */
  const happens = {};
  return {
    value: "", textContent: "", className: "", happens,
    style: { setProperty() {} },
    addEventListener: (/** @type {string} */ type, /** @type {() => void} */ act) => (happens[type] = act),
    append() {}, setAttribute() {}, remove() {},
  };
}

test("what is typed while a report is on its way stays in the field, and is reported next", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { window, document } = globalThis; // other tests have theirs
  context.after(() => Object.assign(globalThis, { window, document }));
  /** @type {ReturnType<typeof node>[]} */
  const made = [];
  Object.assign(globalThis, {
    window: { addEventListener() {}, localStorage: null },
    document: { createElement: () => made[made.push(node()) - 1] },
  });
  /** @type {{number: number, value: {text: string}}[]} */
  const sent = [];
  const parentElement = /** @type {any} */ (node());
  const draw = (/** @type {string} */ text, /** @type {number} */ answered) => {
    const header = { name: "answer 1", text, version: answered, answered, label: "", rows: 4, status: "", is_error: false, placeholder: "", now: 0 };
    const json = new TextEncoder().encode(JSON.stringify(header));
    const data = new Uint8Array(4 + json.length + 8);
    new DataView(data.buffer).setUint32(0, json.length, true);
    data.set(json, 4);
    component.draw({ data, key: "", parentElement, setStateValue: (_, report) => sent.push(/** @type {any} */ (report)), setTriggerValue() {} });
  };
  draw("", 0);
  const [field] = made;
  const type = (/** @type {string} */ text) => {
    field.value = text;
    field.happens.input();
    field.happens.blur(); // leaving the field reports at once
  };
  type("first");
  type("first, second");
  assert.deepEqual(sent.map(({ value }) => value.text), ["first"]);
  draw("first", 1);
  assert.equal(field.value, "first, second");
  assert.deepEqual(sent.map(({ value }) => value.text), ["first", "first, second"]);
  draw("first, second", 2);
  assert.equal(field.value, "first, second");
  context.mock.timers.tick(10_000);
  assert.equal(sent.length, 2); // nothing is left to report
});
