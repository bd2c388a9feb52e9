// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { choiceText, choose } from "../../../pages/components/upload/choice.js";

const KINDS = { images: [".jpg", ".png"], tables: [".csv"], archives: [".zip"], closed: [".rar"] };

/** @param {string[]} paths */
const files = (...paths) => paths.map((path) => ({ path, file: new Blob(["x"]) }));

/** @param {string[]} paths */
const chosen = (...paths) => choose(files(...paths), KINDS);

test("of a folder, images and tables are sent, and the others counted", () => {
  const choice = chosen("pets/cat/1.JPG", "pets/labels.csv", "pets/notes.txt", "pets/.DS_Store", "pets/__MACOSX/cat/1.jpg", "pets/old.zip");
  assert.deepEqual(choice.files.map(({ path }) => path), ["pets/cat/1.JPG", "pets/labels.csv"]);
  assert.equal(choiceText(choice), "1 image. 2 other files are left out.");
});

test("one archive is sent as it is", () => {
  assert.deepEqual(chosen("Pets.ZIP").files.map(({ path }) => path), ["Pets.ZIP"]);
});

test("empty images are not sent", () => {
  const choice = choose([...files("a.jpg"), { path: "b.jpg", file: new Blob([]) }], KINDS);
  assert.equal(choiceText(choice), "1 image. 1 other file is left out.");
});

test("without images, a sentence says so", () => {
  assert.equal(chosen("notes.txt").error, "There are no images among this file.");
  assert.match(chosen("pets.RAR").error, /only a .zip can be opened: unpack others/);
  assert.equal(chosen("a.zip", "b.zip").error, "Choose one .zip at a time.");
  assert.deepEqual(chosen("a.zip", "b.zip").files, []);
});
