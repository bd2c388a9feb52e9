// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import * as lines from "../../../pages/components/curves/lines.js";

test("lines with different x share one axis", () => {
  assert.deepEqual(
    lines.aligned([{ x: [1, 2, 4], y: [10, 20, 40] }, { x: [2, 3], y: [200, 300] }]).map((column) => Array.from(column)),
    [[1, 2, 3, 4], [10, 20, undefined, 40], [undefined, 200, 300, undefined]],
  );
  assert.deepEqual(lines.aligned([]), [[]]);
});

test("the nearest value is found on either side", () => {
  assert.equal(lines.nearest([undefined, 5, undefined, undefined, 7], 2), 1);
  assert.equal(lines.nearest([undefined, 5, undefined, undefined, 7], 3), 4);
  assert.equal(lines.nearest([undefined, undefined], 1), null);
});

test("a range has fixed ends, or those of the data with room above", () => {
  assert.deepEqual(lines.ranged([0, 1], 0.2, 0.4, 0.05), [0, 1]);
  assert.deepEqual(lines.ranged([0, null], 1, 4, 0.25), [0, 5]);
  assert.deepEqual(lines.ranged([null, null], null, null, 0), [0, 1]);
  assert.deepEqual(lines.ranged([0, null], 0, 0, 0.05), [0, 1]);
});

test("ticks of an axis of whole numbers are whole", () => {
  assert.deepEqual(lines.wholeSteps().slice(0, 5), [1, 2, 5, 10, 20]);
});

test("a line covers the width over which it runs through a box", () => {
  const box = { left: 10, right: 30, top: 0, bottom: 10 };
  assert.equal(lines.covered([[[0, 5], [20, 5]]], box), 10);
  assert.equal(lines.covered([[[0, 50], [100, 50]]], box), 0);
  assert.equal(lines.covered([[[0, 5], [100, 5]], [[12, 5], [14, 5]]], box), 22);
});

test("a label covers no line and stays on the chart", () => {
  const frame = { left: 0, right: 400, top: 0, bottom: 300 };
  const free = lines.clearPosition([200, 150], 60, [], frame, 1);
  assert.deepEqual(free.baseline, { x: 210, y: 138 });
  const corner = lines.clearPosition([395, 295], 60, [], frame, 1);
  assert.equal(corner.align, "right");
  assert.ok(corner.baseline.y < 295);
});

test("the text of a level avoids lines, other texts and the edge", () => {
  const frame = { left: 0, right: 400, top: 0, bottom: 300 };
  const first = lines.levelPosition(150, 60, [], frame, 1);
  assert.deepEqual([first.align, first.baseline.y], ["right", 145]);
  const second = lines.levelPosition(155, 60, lines.asLines(first.box), frame, 1);
  assert.ok(second.box.top >= first.box.bottom || second.box.right <= first.box.left);
  assert.ok(lines.levelPosition(2, 60, [], frame, 1).box.top >= 0);
  const along = lines.levelPosition(150, 60, [[[0, 150], [400, 150]]], frame, 1);
  assert.ok(along.box.bottom < 146 || along.box.top > 154, "it covers marks on a line along the level");
});

test("numbers in the legend have a fixed number of decimals", () => {
  assert.equal(lines.legendNumber(0.5, true), "50.0 %");
  assert.equal(lines.legendNumber(0.69314, false), "0.6931");
});
