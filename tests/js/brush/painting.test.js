// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { swatchColour } from "../../../pages/components/common/color.js";
import { Painting } from "../../../pages/components/brush/painting.js";

const nothing = () => new Painting(3, 4, 1, new Uint8Array(3 * 4 * 2));

/** For each row, which pixels are painted. @param {Painting} painting */
const painted = ({ bytes }) => [0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => Number(bytes[2 * (4 * row + column) + 1] > 0)).join(""));

test("a thin line paints the pixels under it", () => {
  const painting = nothing();
  painting.line([0.5, 1.5], [3.5, 1.5], 1, [9]);
  assert.deepEqual(painted(painting), ["0000", "1111", "0000"]);
  assert.deepEqual([...painting.over(Uint8Array.from({ length: 12 }, () => 5))].slice(3, 5).map(swatchColour), ["rgb(5 5 5)", "rgb(9 9 9)"]);
});

test("a thick brush paints a disc clipped to the image", () => {
  const painting = nothing();
  painting.dab(1.5, 1.5, 3, [1]);
  assert.deepEqual(painted(painting), ["1110", "1110", "1110"]);
  painting.dab(-5, -5, 3, [1]);
});

test("undo takes back strokes one by one, and clearing counts as a stroke", () => {
  const painting = nothing();
  assert.ok(painting.isEmpty);
  painting.remember();
  painting.dab(0.5, 0.5, 1, [1]);
  painting.clear();
  assert.ok(painting.isEmpty);
  painting.undo();
  assert.deepEqual(painted(painting), ["1000", "0000", "0000"]);
  painting.undo();
  assert.ok(painting.isEmpty);
  painting.undo();
});

test("Python gets the bytes as base64", () => {
  const painting = new Painting(1, 1, 1, Uint8Array.of(64, 255));
  assert.equal(painting.base64(), "QP8=");
});

test("a colour image is painted in colour", () => {
  const painting = new Painting(1, 2, 3, new Uint8Array(8));
  painting.set(1, [1, 2, 3]);
  assert.deepEqual([...painting.over([7, 8, 9, 7, 8, 9])].map(swatchColour), ["rgb(7 8 9)", "rgb(1 2 3)"]);
});

test("a mark lets the image show through", () => {
  const painting = new Painting(1, 2, 3, new Uint8Array(8));
  painting.dab(0.5, 0.5, 1, [200, 100, 0]);
  const image = Uint8Array.of(100, 100, 100, 7, 8, 9);
  assert.deepEqual([...painting.over(image, 0.5)].map(swatchColour), ["rgb(150 100 50)", "rgb(7 8 9)"]);
});
