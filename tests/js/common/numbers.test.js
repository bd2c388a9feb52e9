// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import * as numbers from "../../../pages/components/common/numbers.js";

test("a value has four digits, and words if it is not finite", () => {
  assert.equal(numbers.fourDigits(0), "0");
  assert.equal(numbers.fourDigits(-0.123456), "−0.1235");
  assert.equal(numbers.fourDigits(1e-9), "1.000e−9");
  assert.equal(numbers.fourDigits(NaN), "not a number (NaN)");
  assert.equal(numbers.fourDigits(-Infinity), "−infinite");
});

test("numbers on a scale have no trailing zeros", () => {
  assert.equal(numbers.threeDigits(0.5), "0.5");
  assert.equal(numbers.threeDigits(-1234.5), "−1230");
  assert.equal(numbers.percent(0.93371), "93.4\u00a0%");
  assert.equal(numbers.withUnit("3", ""), "3");
  assert.equal(numbers.grouped(1936), "1,936");
});

test("a probability is as precise as one can read it", () => {
  assert.equal(numbers.probabilityText(93.371), "93.4 %");
  assert.equal(numbers.probabilityText(7e-15), "< 0.1 %");
  assert.equal(numbers.probabilityText(0), "0.0 %");
  assert.equal(numbers.probabilityText(99.87), "99.9 %");
  assert.equal(numbers.probabilityText(99.96), "> 99.9 %");
  assert.equal(numbers.probabilityText(NaN), "not a number (NaN)");
});

test("numbers in small cells have no leading zero, and no sign if they round to zero", () => {
  assert.equal(numbers.cellText(-0.254, 2), "−.25");
  assert.equal(numbers.cellText(-0.001, 2), ".00");
  assert.equal(numbers.cellText(12.34, 1), "12.3");
  assert.equal(numbers.cellText(0, 2), "0");
  assert.equal(numbers.cellText(Infinity, 2), "?");
});

test("a summary leaves out values that are not finite and counts them", () => {
  assert.deepEqual(numbers.summarize([1, NaN, -3, Infinity, 5]), { min: -3, max: 5, mean: 1, limit: 5, nonFinite: 2 });
  assert.deepEqual(numbers.summarize([NaN]), { min: NaN, max: NaN, mean: NaN, limit: 0, nonFinite: 1 });
  assert.equal(numbers.largestLimit([numbers.summarize([2]), numbers.summarize([-7])]), 7);
});

test("a ranking starts with the largest and leaves out values that are not finite", () => {
  assert.deepEqual(numbers.ranking([0.1, NaN, 0.7, 0.2, Infinity]), [2, 3, 0]);
});
