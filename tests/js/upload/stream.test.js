// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { FileStream } from "../../../pages/components/upload/stream.js";

/** @param {string[]} texts */
const streamOf = (...texts) => new FileStream(texts.map((text, i) => ({ path: `pets/${i}.png`, file: new Blob([text]) })));

test("any cut of the stream gives the bytes of the files in their order", async () => {
  const stream = streamOf("abc", "", "d", "", "", "efghi", "");
  assert.equal(stream.size, 9);
  for (let offset = 0; offset <= 9; offset++) {
    for (let length = 0; length <= 10; length++) {
      assert.equal(await stream.piece(offset, length).text(), "abcdefghi".slice(offset, offset + length));
    }
  }
});

test("the list has the path and the size of each file", () => {
  assert.deepEqual(streamOf("abc", "").list(), [["pets/0.png", 3], ["pets/1.png", 0]]);
});

test("the file of a byte is found", () => {
  const stream = streamOf("abc", "d", "ef");
  assert.deepEqual([0, 2, 3, 4, 5].map((offset) => stream.at(offset)), [0, 0, 1, 2, 2]);
});
