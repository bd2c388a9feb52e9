// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { erf, evaluate } from "../../../pages/components/maps/formulas.js";

/** @param {number} actual @param {number} expected @param {number} [within] */
function near(actual, expected, within = 1e-13) {
  assert.ok(Math.abs(actual - expected) <= within * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);
}

test("a formula is evaluated at x", () => {
  assert.equal(evaluate("x", 3), 3);
  assert.equal(evaluate(2.5, 3), 2.5);
  assert.equal(evaluate(["max", 0, "x"], -3), 0);
  assert.equal(evaluate(["min", 6, ["max", 0, "x"]], 9), 6);
  assert.equal(evaluate(["-", "x"], 3), -3);
  assert.equal(evaluate(["-", "x", 1], 3), 2);
  assert.equal(evaluate(["+", "x", 1, 2], 3), 6);
  assert.equal(evaluate(["*", 2, "x", "x"], 3), 18);
  assert.equal(evaluate(["/", "x", 4], 3), 0.75);
});

// Values from mpmath with 30 digits.
const ACTIVATIONS = {
  sigmoid: { tree: ["/", 1, ["+", 1, ["exp", ["-", "x"]]]], at: -0.5, value: 0.37754066879814546 },
  silu: { tree: ["/", "x", ["+", 1, ["exp", ["-", "x"]]]], at: 1.5, value: 1.2263617142904655 },
  gelu: { tree: ["*", ["*", 0.5, "x"], ["+", 1, ["erf", ["/", "x", Math.SQRT2]]]], at: 0.7, value: 0.5306254434438489 },
  elu: { tree: ["+", ["max", 0, "x"], ["-", ["exp", ["min", 0, "x"]], 1]], at: -2, value: -0.8646647167633873 },
  tanh: { tree: ["tanh", "x"], at: 0.3, value: 0.2913126124515909 },
};

for (const [name, { tree, at, value }] of Object.entries(ACTIVATIONS)) {
  test(`${name} is its formula`, () => near(evaluate(/** @type {any} */ (tree), at), value));
}

test("the error function is exact to double precision", () => {
  for (const [x, value] of [
    [0, 0],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2.5, 0.999593047982555],
    [4, 0.9999999845827421],
    [7, 1],
  ]) {
    near(erf(x), value);
    near(erf(-x), -value);
  }
});

test("an unknown operation is an error", () => {
  assert.throws(() => evaluate(["sin", "x"], 1), /operation “sin”/);
  assert.throws(() => evaluate(["toString", "x"], 1), /operation/);
});
