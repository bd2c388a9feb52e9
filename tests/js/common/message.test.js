// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { decode, sameBytes } from "../../../pages/components/common/message.js";

/** As message.py writes it. @param {object} header @param {Uint8Array[]} arrays */
function encoded(header, ...arrays) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil((4 + text.length) / 8) * 8;
  const size = arrays.reduce((sum, array) => sum + Math.ceil(array.length / 8) * 8, 0);
  const message = new Uint8Array(start + size);
  new DataView(message.buffer).setUint32(0, text.length, true);
  message.set(text, 4);
  let at = start;
  for (const array of arrays) {
    message.set(array, at);
    at += Math.ceil(array.length / 8) * 8;
  }
  return message;
}

const MESSAGE = encoded(
  {
    name: "ä",
    nothing: null,
    list: [{ values: { dtype: "u1", shape: [3], offset: 0 } }, { dtype: "<f4", shape: [1, 2], offset: 8 }],
    indices: { dtype: "<u4", shape: [1], offset: 16 },
  },
  Uint8Array.of(7, 8, 9),
  new Uint8Array(Float32Array.of(1.5, -2).buffer),
  new Uint8Array(Uint32Array.of(70000).buffer),
);

test("arrays are decoded at their place in the header", () => {
  const { name, nothing, list, indices } = decode(MESSAGE);
  assert.deepEqual([name, nothing], ["ä", null]);
  assert.deepEqual(list[0].values, { shape: [3], values: Uint8Array.of(7, 8, 9) });
  assert.deepEqual(list[1], { shape: [1, 2], values: Float32Array.of(1.5, -2) });
  assert.deepEqual(indices, { shape: [1], values: Uint32Array.of(70000) });
});

test("a message may start anywhere in a longer buffer", () => {
  const longer = new Uint8Array(MESSAGE.length + 5);
  longer.set(MESSAGE, 3);
  assert.deepEqual(decode(longer.subarray(3, 3 + MESSAGE.length)), decode(MESSAGE));
});

test("messages are equal if all bytes are equal", () => {
  assert.ok(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
  assert.ok(!sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
  assert.ok(!sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1)));
});
