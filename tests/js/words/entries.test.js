// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { entriesFor, matching } from "../../../pages/components/words/entries.js";

const ENTRIES = [
  { word: "logit", names: ["logit", "logits"], text: "A number." },
  { word: "initial weights", names: ["initial weights", "He"], text: "Random." },
  { word: "multiply-adds", names: ["multiply-adds"], text: "Work." },
];

/** @param {{word: string}[]} entries */
const words = (entries) => entries.map(({ word }) => word);

test("an entry is found by any of its names, as a word of its own, in any case", () => {
  assert.deepEqual(words(entriesFor("The Logits of both; Multiply-adds per image", ENTRIES)), ["logit", "multiply-adds"]);
  assert.deepEqual(entriesFor("logitech", ENTRIES), []);
});

test("a proper name is found only with its capital", () => {
  assert.deepEqual(entriesFor("what he said", ENTRIES), []);
  assert.deepEqual(words(entriesFor("He is meant for ReLU", ENTRIES)), ["initial weights"]);
});

test("a search finds parts of names", () => {
  assert.deepEqual(words(matching("LOG", ENTRIES)), ["logit"]);
});
