// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { cut, rowsOf } from "../../../pages/components/parallel/names.js";

test("names that would touch in one row are dealt to as many rows as they need", () => {
  assert.equal(rowsOf([50, 150, 250], [80, 80, 80]), 1);
  assert.equal(rowsOf([50, 130, 210], [80, 80, 80]), 2); // no gap between them
  assert.equal(rowsOf([50, 80, 110, 140], [80, 80, 80, 80]), 3);
  assert.equal(rowsOf([50, 50], [80, 80]), 2);
});

test("a text is cut to the room that it has", () => {
  const context = /** @type {any} */ ({ measureText: (/** @type {string} */ text) => ({ width: 10 * text.length }) });
  assert.equal(cut(context, "same", 40), "same");
  assert.equal(cut(context, "standardised", 60), "stand…");
  assert.equal(cut(context, "none", 5), "n…");
});
