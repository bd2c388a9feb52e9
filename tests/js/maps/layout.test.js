// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { barSpan } from "../../../pages/components/maps/bar.js";
import { GRAPH, graphOf } from "../../../pages/components/maps/graph.js";
import { cellSide } from "../../../pages/components/maps/grids.js";
import { neighbour, nextPlace, stepTo } from "../../../pages/components/maps/keys.js";
import { wrapStrip } from "../../../pages/components/maps/strip.js";
import * as make from "./message.js";

test("cells of a kernel of any size fit into the panel", () => {
  for (const kernel of /** @type {[number, number][]} */ ([[1, 1], [2, 3], [3, 3], [5, 5], [7, 7], [11, 11], [24, 24], [1, 40]])) {
    const side = cellSide(kernel, 322);
    const perLine = kernel[1] <= 3 ? 3 : kernel[1] <= 5 ? 2 : 1;
    assert.ok(side >= 1 && side <= 40, `${kernel}: ${side}`);
    assert.ok(perLine * kernel[1] * side + (perLine - 1) * 20 <= 322 + 1e-9, `${kernel}: ${side}`);
  }
  for (const kernel of /** @type {[number, number][]} */ ([[1, 1], [3, 3], [5, 5], [7, 7], [11, 11]])) {
    assert.ok(cellSide(kernel, 322) >= 24, `a number fits into a cell of ${kernel}`);
  }
});

test("a bar starts at zero, in the middle where values may be negative", () => {
  assert.deepEqual(barSpan(3, 4, false), { start: 0, length: 75 });
  assert.deepEqual(barSpan(-1, 4, true), { start: 37.5, length: 12.5 });
  assert.deepEqual(barSpan(8, 4, true), { start: 50, length: 50 });
  assert.deepEqual(barSpan(NaN, 4, true), { start: 50, length: 0 });
});

test("a strip fills its width and stays below its largest height", () => {
  assert.deepEqual(wrapStrip(50, 1000), { cell: 10, perRow: 50 });
  const { cell, perRow } = wrapStrip(20000, 700);
  assert.ok(perRow * cell <= 700 && Math.ceil(20000 / perRow) * cell <= 130);
});

test("keys move among tiles and stop at the border", () => {
  assert.equal(neighbour("ArrowDown", 1, 10, 4), 5);
  assert.equal(neighbour("ArrowDown", 8, 10, 4), 8);
  assert.equal(neighbour("End", 3, 10, 4), 9);
  assert.equal(neighbour("a", 3, 10, 4), null);
});

test("keys and playing move within a map that is not square", () => {
  const section = make.tiles("layer", make.randomArray([1, 2, 3], 1));
  const address = { section: "layer", index: 0, row: 1, column: 2 };
  assert.deepEqual(stepTo(section, address, "ArrowRight"), address);
  assert.deepEqual(stepTo(section, address, "ArrowUp"), { ...address, row: 0 });
  assert.equal(stepTo(section, address, "Enter"), null);
  assert.deepEqual(nextPlace(section, address), { ...address, row: 0, column: 0 });
  assert.deepEqual(nextPlace(section, { ...address, row: 0 }), { ...address, row: 1, column: 0 });
});

test("a graph shows the point, zero, and the function between them", () => {
  const { across, up, points, reach } = graphOf((x) => Math.max(0, x), 8);
  assert.equal(reach, 10);
  assert.deepEqual([across(-10), across(10)], [GRAPH.margin, GRAPH.width - GRAPH.margin]);
  assert.deepEqual([up(0), up(10)], [GRAPH.height - GRAPH.margin, GRAPH.margin]);
  assert.deepEqual(points[0], [across(-10), up(0)]);
  assert.deepEqual(points.at(-1), [across(10), up(10)]);
  assert.ok(graphOf(() => 0, 1).points.every(([, top]) => Number.isFinite(top)), "also of a function that is flat");
});
