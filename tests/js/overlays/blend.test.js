// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { pixel, swatchColour } from "../../../pages/components/common/color.js";
import { blend, pixelAfterKey } from "../../../pages/components/overlays/blend.js";

const IMAGE = Uint32Array.of(pixel(100, 100, 100), pixel(100, 100, 100), pixel(100, 100, 100));

test("a larger value is more opaque", () => {
  const mixed = blend(IMAGE, { values: [0, 2, -1], signed: true, limit: 2 }, 0.5);
  // The end of the scale is (178, 24, 43), the colour at half of the negative side (146, 197, 222).
  assert.deepEqual([...mixed].map(swatchColour), ["rgb(100 100 100)", "rgb(139 62 72)", "rgb(112 124 131)"]);
});

test("without a limit the image is unchanged", () => {
  assert.deepEqual([...blend(IMAGE, { values: [0, 0, 0], signed: true, limit: 0 }, 1)], [...IMAGE]);
});

test("arrow keys move by a pixel from the middle, Escape hides the values", () => {
  assert.deepEqual(pixelAfterKey("ArrowUp", null, 10, 20), [4, 10]);
  assert.deepEqual(pixelAfterKey("ArrowRight", [3, 19], 10, 20), [3, 19]);
  assert.equal(pixelAfterKey("Escape", [3, 3], 10, 20), null);
  assert.equal(pixelAfterKey("a", [3, 3], 10, 20), undefined);
});
