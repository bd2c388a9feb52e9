// @ts-check
// Evaluates the formula of an activation, which Python sends as a tree: x, a number, or an operation on such trees.

/** @typedef {number|"x"|[string, ...any[]]} Formula as in ["max", 0, "x"] or ["/", 1, ["+", 1, ["exp", ["-", "x"]]]] */

/** @type {Record<string, (...numbers: number[]) => number>} */
const OPERATIONS = {
  "+": (...numbers) => numbers.reduce((sum, number) => sum + number),
  "-": (one, other) => (other === undefined ? -one : one - other),
  "*": (...numbers) => numbers.reduce((product, number) => product * number),
  "/": (one, other) => one / other,
  max: Math.max,
  min: Math.min,
  exp: Math.exp,
  tanh: Math.tanh,
  erf,
};

/** The value of a formula at x. @param {Formula} formula @param {number} x @returns {number} */
export function evaluate(formula, x) {
  if (formula === "x") return x;
  if (typeof formula === "number") return formula;
  const [name, ...operands] = formula;
  if (!Object.hasOwn(OPERATIONS, name)) throw new Error(`A formula cannot have the operation “${name}”.`);
  return OPERATIONS[name](...operands.map((operand) => evaluate(operand, x)));
}

/** The error function, computed by the series with only positive terms (Abramowitz and Stegun 7.1.6). @param {number} x @returns {number} */
export function erf(x) {
  if (x < 0) return -erf(-x);
  if (x > 6) return 1; // in double precision
  let term = x;
  let sum = x;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
