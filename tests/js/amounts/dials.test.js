// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { capitalized, hasTwoValues, formatted } from "../../../pages/components/amounts/dials.js";

test("an amount has as many digits as its step, and its unit", () => {
  assert.equal(formatted({ step: 0.05, unit: "×" }, 1.5), "1.50×");
  assert.equal(formatted({ step: 5, unit: "°" }, -30), "−30°");
  assert.equal(formatted({ step: 1, unit: "px" }, 3), "3\u00a0px");
  assert.equal(formatted({ step: 0.01, unit: "%" }, 0.29), "29\u00a0%");
});

test("a dial with two values is a switch", () => {
  assert.ok(hasTwoValues({ low: 0, high: 1, step: 1 }));
  assert.ok(!hasTwoValues({ low: 0, high: 2, step: 1 }));
  assert.equal(capitalized("swap"), "Swap");
});
