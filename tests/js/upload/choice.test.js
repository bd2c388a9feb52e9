// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { choiceText, choose, pastedFiles } from "../../../pages/components/upload/choice.js";

const KINDS = { images: [".jpg", ".png"], tables: [".csv"], archives: [".zip", ".tar.gz"], sets: "(?<part>train|t10k)-images\\.gz|.+\\.npz", closed: [".rar"] };

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
  for (const name of ["Pets.ZIP", "pets.tar.gz"]) assert.deepEqual(chosen(name).files.map(({ path }) => path), [name]);
});

test("files of published sets are sent, alone or with their folder", () => {
  const alone = chosen("MNIST.npz");
  assert.deepEqual(alone.files.map(({ path }) => path), ["MNIST.npz"]);
  assert.equal(choiceText(alone), "1 file of a published set.");
  const folder = chosen("raw/train-images.gz", "raw/t10k-images.gz", "raw/readme", "raw/no-images.gz");
  assert.deepEqual(folder.files.map(({ path }) => path), ["raw/train-images.gz", "raw/t10k-images.gz"]);
  assert.equal(choiceText(folder), "2 files of published sets. 2 other files are left out.");
});

test("empty images are not sent", () => {
  const choice = choose([...files("a.jpg"), { path: "b.jpg", file: new Blob([]) }], KINDS);
  assert.equal(choiceText(choice), "1 image. 1 other file is left out.");
});

test("without images, a sentence says so", () => {
  assert.equal(chosen("notes.txt").error, "This file is no image.");
  assert.match(chosen("pets.RAR").error, /only .zip and .tar can be opened: unpack others/);
  assert.equal(chosen("a.zip", "b.zip").error, "Choose one archive at a time.");
  assert.deepEqual(chosen("a.zip", "b.zip").files, []);
});

test("pasted pictures of the same name get different ones", () => {
  const pasted = ["image.png", "image.png", "photo"].map((name) => new File(["x"], name));
  assert.deepEqual(pastedFiles(pasted).map(({ path }) => path), ["image.png", "image-2.png", "photo-3"]);
});
