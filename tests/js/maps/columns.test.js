// @ts-check
// The network at a glance: columns that fit the room, and the strengths of the links between them.

import assert from "node:assert/strict";
import test from "node:test";

import { layOut, linksInto, shares, SPACE } from "../../../pages/components/maps/columns.js";
import { bars, message, origin, picture, randomArray, strip, tiles, vector } from "./message.js";

/** @typedef {import("../../../pages/components/maps/columns.js").Content} Content */

/** @param {...number} counts @returns {Content[]} an image, columns of that many maps, dense units, an answer */
const network = (...counts) => [
  { kind: "image", count: 1 }, ...counts.map((count) => ({ kind: /** @type {const} */ ("maps"), count })),
  { kind: "bars", count: 16 }, { kind: "answer", count: 2 },
];

for (const [name, contents] of Object.entries({
  "two blocks of 16": network(16, 16), "many blocks of 64": network(64, 64, 64, 64), "one wide layer": network(256),
  "no convolution": network(), TinyVGG: network(10, 10, 10, 10),
})) {
  test(`${name}: all maps are in the room of a window of 1280 x 720, and larger at 1920 x 1080`, () => {
    const small = layOut(contents, 996, 430);
    const large = layOut(contents, 1636, 790);
    assert.ok(small.width <= 996 && large.width <= 1636);
    assert.ok(large.tile >= small.tile && small.tile >= 22);
    small.places.forEach(({ across, shown }, at) => {
      if (contents[at].kind !== "maps") return;
      const rows = Math.ceil(shown / across);
      assert.ok(rows * (small.tile + SPACE) - SPACE <= 430);
      assert.equal(shown, contents[at].count);
    });
  });
}

test("maps of a usual network can be recognised", () => {
  assert.ok(layOut(network(16, 16), 996, 430).tile >= 60);
});

test("of very many maps, those that fit are shown", () => {
  const { places, width } = layOut(network(512, 512, 512, 512, 512), 996, 430);
  assert.ok(width <= 996);
  assert.ok(places.slice(1, 6).every(({ shown, across }) => shown < 512 && shown >= across));
});

test("on a phone, the glance is wider than its box, with maps of a size that can be touched", () => {
  const { width, tile } = layOut(network(16, 16, 16, 16), 326, 500);
  assert.ok(width > 326 && tile >= 40);
});

test("shares are percentages of all that is said for and against", () => {
  assert.deepEqual(shares([3, -1, 0]), [75, -25, 0]);
  assert.deepEqual(shares([0, 0]), [0, 0]);
});

/** @type {import("../../../pages/components/maps/columns.js").Column} */
const CONV = { kind: "maps", layers: ["conv1", "relu1"], shown: "relu1" };

test("a convolution is linked by the norms of its kernels, with the sign of their sums", () => {
  const weight = { shape: [2, 3, 1, 2], values: Float32Array.from([3, 4, -3, 1, 0, 0, 1, 1, 1, 1, 1, 1]) };
  const data = message(tiles("before", randomArray([3, 4, 4], 1)),
    tiles("conv1", randomArray([2, 4, 3], 2), origin({ kernel: [1, 2], numbers: { weight } })));
  assert.deepEqual([...linksInto(data, CONV, 0)], [[0, 5], [1, -Math.sqrt(10)], [2, 0]]);
});

test("a filter of a group is linked only to the maps of its group", () => {
  const weight = { shape: [2, 1, 1, 1], values: Float32Array.from([2, -5]) };
  const data = message(tiles("before", randomArray([2, 4, 4], 1)),
    tiles("conv1", randomArray([2, 4, 4], 2), origin({ groups: 2, numbers: { weight } })));
  assert.deepEqual([...linksInto(data, CONV, 1)], [[1, -5]]);
});

test("the colours of an image count as one picture", () => {
  const weight = { shape: [1, 3, 1, 1], values: Float32Array.from([1, 2, -4]) };
  const data = message(picture("before", [2, 2, 3], Array(12).fill(9)),
    tiles("conv1", randomArray([1, 2, 2], 2), origin({ numbers: { weight } })));
  assert.deepEqual([...linksInto(data, CONV, 0)], [[0, -1]]);
});

test("a dense unit is linked to a map by the sum of the products of its values", () => {
  const data = message(
    tiles("pool1", { shape: [2, 1, 2], values: Float32Array.from([1, 2, 3, 4]) }),
    strip("flatten", vector(1, 2, 3, 4), origin({ kind: "flatten", source: "pool1" })),
    bars("dense1", vector(0), origin({ kind: "dense", source: "flatten", numbers: {
      inputs: { shape: [1, 3], values: Uint32Array.from([3, 0, 1]) },
      weight: { shape: [1, 3], values: Float32Array.from([2, 5, -1]) },
      others: vector(0),
    } })),
  );
  const links = linksInto(data, { kind: "bars", layers: ["dense1"], shown: "dense1" }, 0);
  assert.deepEqual([...links].sort(), [[0, 3], [1, 8]]);
});

test("a layer whose origin was not sent has no links", () => {
  assert.equal(linksInto(message(tiles("conv1", randomArray([2, 2, 2], 1))), CONV, 0).size, 0);
});
