// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { findDrafts, forgetDraft, keepDraft } from "../../../pages/components/editor/draft.js";

/** A storage as browsers have it: its keys are its properties. @param {Record<string, string>} kept */
function storage(kept = {}) {
  return /** @type {Storage} */ (
    Object.create(
      {
        /** @this {Record<string, string>} @param {string} key */
        getItem(key) {
          return this[key] ?? null;
        },
        /** @this {Record<string, string>} @param {string} key @param {string} value */
        setItem(key, value) {
          this[key] = value;
        },
        /** @this {Record<string, string>} @param {string} key */
        removeItem(key) {
          delete this[key];
        },
      },
      Object.getOwnPropertyDescriptors(kept),
    )
  );
}

/** @param {string} writer @param {number} when @param {string} text */
const draft = (writer, when, text) => ({ text, writer, seen: null, when });

test("each window has a draft of its own, and the earliest is first", () => {
  const browser = storage();
  keepDraft(browser, "report why", draft("b", 2, "later"));
  keepDraft(browser, "report why", draft("a", 1, "earlier"));
  keepDraft(browser, "report what", draft("a", 1, "of another question"));
  const texts = () => findDrafts(browser, "report why").map((one) => one.text);
  assert.deepEqual(texts(), ["earlier", "later"]);
  forgetDraft(browser, "report why", draft("a", 1, "typed before"));
  assert.deepEqual(texts(), ["earlier", "later"]);
  forgetDraft(browser, "report why", draft("a", 1, "earlier"));
  assert.deepEqual(texts(), ["later"]);
});

test("a draft of an older version, which named no window, is found and forgotten", () => {
  const browser = storage({ "draft report why": JSON.stringify({ text: "old", seen: null, when: 1 }) });
  keepDraft(browser, "report why", draft("a", 2, "new"));
  const found = findDrafts(browser, "report why");
  assert.deepEqual(found[0], draft("", 1, "old"));
  assert.deepEqual(found[1], draft("a", 2, "new"));
  assert.deepEqual(findDrafts(browser, "report"), []);
  forgetDraft(browser, "report why", found[0]);
  assert.deepEqual(Object.keys(browser), ["draft report why a"]);
});

test("a damaged draft is none", () => {
  assert.deepEqual(findDrafts(storage({ "draft report why a": "{", "draft report why": "[1]" }), "report why"), []);
});
