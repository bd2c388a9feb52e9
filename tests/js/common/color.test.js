// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import * as color from "../../../pages/components/common/color.js";

/** @param {number} pixel */
const css = (pixel) => color.swatchColour(pixel);

test("the ends and the middle of a scale have its first, middle and last colour", () => {
  const [low, zero, high] = color.colourize([-2, 0, 2], true, 2);
  assert.deepEqual([low, zero, high].map(css), ["rgb(33 102 172)", "rgb(247 247 247)", "rgb(178 24 43)"]);
  const [nothing, most] = color.colourize([0, 5], false, 5);
  assert.deepEqual([nothing, most].map(css), ["rgb(68 1 84)", "rgb(253 231 37)"]);
});

test("values beyond the limit get the end colour, and with limit 0 all get the zero colour", () => {
  assert.deepEqual([...color.colourize([99, -99], true, 1)], [...color.colourize([1, -1], true, 1)]);
  assert.deepEqual([...color.colourize([-1], false, 1)], [...color.colourize([0], false, 1)]);
  assert.deepEqual([...color.colourize([3], true, 0)], [...color.colourize([0], true, 1)]);
});

test("colours are interpolated between stops", () => {
  // A quarter of the way from zero to the limit lies on the first stop of eight between the middle and the end.
  const [quarter, eighth] = color.colourize([0.25, 0.125], true, 1);
  assert.equal(css(quarter), "rgb(253 219 199)");
  assert.equal(css(eighth), "rgb(250 233 223)");
});

test("values that are not finite have no colour", () => {
  assert.deepEqual([...color.colourize([NaN, Infinity], true, 1)], [color.NO_COLOUR, color.NO_COLOUR]);
  assert.equal(css(color.NO_COLOUR), "magenta");
});

test("three planes make one colour picture in which gray is zero", () => {
  const [gray, red] = color.colourizeRgb([0, 1, 0, -1, 0, -1], 1);
  assert.deepEqual([gray, red].map(css), ["rgb(128 128 128)", "rgb(255 0 0)"]);
});

test("images keep their colours", () => {
  assert.deepEqual([...color.colourizeImage([1, 2, 3, 4, 5, 6], 3)].map(css), ["rgb(1 2 3)", "rgb(4 5 6)"]);
  assert.deepEqual([...color.colourizeImage([9], 1)].map(css), ["rgb(9 9 9)"]);
  assert.deepEqual([...color.colourizeChannel([1], 3, 1)].map(css), ["rgb(0 255 0)"]);
  assert.deepEqual([...color.colourizeChannel([0.5], 1, 0)].map(css), ["rgb(128 128 128)"]);
});

test("text on a colour is readable", () => {
  assert.equal(color.inkOn(color.pixel(255, 255, 0)), "#000");
  assert.equal(color.inkOn(color.pixel(0, 0, 255)), "#fff");
  assert.deepEqual(color.rgbOf("#e08030"), [224, 128, 48]);
});
