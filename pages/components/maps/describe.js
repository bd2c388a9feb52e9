// @ts-check
// How an explanation of each kind is drawn: its equation, a sentence, its details. A convolution's details are drawn by a
// ChannelList, see convolution.js.

import { brief, grouped, MINUS, percent } from "../common/numbers.js";
import { added, equals, equation, link, numberTable, paragraph, smallBar } from "./equation.js";
import { functionPlot } from "./function_plot.js";
import { poolWindow } from "./pool_window.js";
import { addressName, addressPlace, CHANNEL_NAMES, valueAt } from "./sections.js";
import * as sentences from "./sentences.js";

/**
 * @typedef {(address: import("./sections.js").Address) => void} Follow
 *
 * @typedef {object} Description
 * @property {Node} equation
 * @property {string} sentence
 * @property {Node[]} details
 */

/** @param {import("./explain.js").Explanation} found @param {Follow} follow @returns {Description} */
export function describe(found, follow) {
  switch (found.kind) {
    case "conv": return describeConv(found);
    case "norm": return describeNorm(found, follow);
    case "activation": return describeActivation(found, follow);
    case "pool": return describePool(found, follow);
    case "flatten": return describeFlatten(found, follow);
    case "dense": return describeDense(found, follow);
    case "softmax": return describeSoftmax(found, follow);
    case "pixel": return describePixel(found, follow);
    case "unknown": return describeUnknown(found);
  }
}

/** @param {{total: number, value: number}} found @returns {[string, number, string]} */
const result = (found) => [equals(found), found.value, "this number"];

/** @param {import("./explain.js").ConvExplanation} found @returns {Description} */
function describeConv(found) {
  const { sum, bias } = found;
  return {
    equation: equation(["", sum, "all products"], ...added(bias, "bias"), result(found)),
    sentence: sentences.convSentence(found),
    details: [],
  };
}

/** @param {import("./explain.js").NormExplanation} found @param {Follow} follow @returns {Description} */
function describeNorm(found, follow) {
  const { from, source, input, mean, eps, gamma, beta, centred, deviation, normal, scaled, value } = found;
  const steps = numberTable(["", "", "so far"], [
    [link(addressName(source, from), from, follow), input, input],
    [`${MINUS} mean`, mean, centred],
    [`÷ √(variance + ${brief(eps)})`, deviation, normal],
    ["× gamma", gamma, scaled],
    ["+ beta", beta, value],
  ]);
  return {
    equation: equation(["", normal, "normalised"], ["×", gamma, "gamma"], ...added(beta, "beta"), result(found)),
    sentence: sentences.normSentence(found),
    details: [steps],
  };
}

/** @param {import("./explain.js").ActivationExplanation} found @param {Follow} follow @returns {Description} */
function describeActivation(found, follow) {
  const { from, input, origin, source, apply, total } = found;
  const place = source.kind === "tiles" ? ", same place." : ".";
  return {
    equation: equation(["", input, "x"], ["→", origin.formula_text, "applied"], result(found)),
    sentence: origin.sentence,
    details: [
      paragraph("x is ", link(addressName(source, from), from, follow), place),
      functionPlot(apply, input, total),
    ],
  };
}

/** @param {import("./explain.js").PoolExplanation} found @param {Follow} follow @returns {Description} */
function describePool(found, follow) {
  const whole = sentences.isGlobal(found) ? "of the map" : "of the window";
  return {
    equation: equation(["", sentences.poolRule(found), whole], result(found)),
    sentence: sentences.poolSentence(found),
    details: [paragraph(sentences.poolPlace(found)), ...poolWindow(found, follow)],
  };
}

/** @param {import("./explain.js").FlattenExplanation} found @param {Follow} follow @returns {Description} */
function describeFlatten(found, follow) {
  const { from, source, value } = found;
  return {
    equation: equation(["", "a copy", "of one value"], ["=", value, "this number"]),
    sentence: "Flatten puts the values of all maps in one row. Nothing is computed.",
    details: [
      paragraph("It is ", link(addressName(source, from), from, follow), `, ${addressPlace(source, from)}.`),
      paragraph(sentences.flattenSentence(found)),
    ],
  };
}

/** @param {import("./explain.js").DenseExplanation} found @param {Follow} follow @returns {Description} */
function describeDense(found, follow) {
  const { terms, others, sum, bias, source } = found;
  const limit = Math.max(...terms.map(({ product }) => Math.abs(product)));
  const labels = source.kind === "bars" ? source.labels : [];
  /** @type {(number|string|Node)[][]} */
  const rows = terms.map(({ address, input, weight, product }) => {
    const name = labels[address.index] ?? String(address.index);
    return [link(name, address, follow), input, weight, product, smallBar(product, limit)];
  });
  if (others.count) rows.push([`${grouped(others.count)} more`, "", "", others.sum, smallBar(others.sum, limit)]);
  return {
    equation: equation(["", sum, "all products"], ...added(bias, "bias"), result(found)),
    sentence: sentences.denseSentence(found),
    details: [numberTable([source.name, "value", "× weight", "= product", ""], rows)],
  };
}

/** @param {import("./explain.js").SoftmaxExplanation} found @param {Follow} follow @returns {Description} */
function describeSoftmax(found, follow) {
  const { terms, own, others, shift, sum, value, source } = found;
  const power = sentences.powerText(shift, brief);
  const labels = source.kind === "bars" ? source.labels : [];
  /** @type {(number|string|Node)[][]} */
  const rows = terms.map((term) => {
    const name = labels[term.address.index] ?? String(term.address.index);
    return [link(name, term.address, follow), term.logit, term.power, percent(term.power / sum)];
  });
  if (others.count) rows.push([`${others.count} more`, "", others.sum, percent(others.sum / sum)]);
  const shares = numberTable(["class", "logit", power, "share"], rows);
  shares.tBodies[0].rows[terms.indexOf(own)].className = "own";
  const name = labels[own.address.index] ?? String(own.address.index);
  return {
    equation: equation(["", own.power, power], ["÷", sum, "sum of all"], [equals(found), value, percent(value)]),
    sentence: `Softmax: the probability of “${name}” is its part of the sum over all classes.`,
    details: [shares],
  };
}

/** @param {import("./explain.js").PlainExplanation} found @param {Follow} follow @returns {Description} */
function describePixel(found, follow) {
  const { section, address, value } = found;
  /** @param {number} share */
  const bytes = (share) => String(Math.round(255 * share));
  const isColour = section.shape[2] === 3;
  const rows = CHANNEL_NAMES.slice(0, isColour ? 3 : 0).map((name, index) => {
    const share = valueAt(section, { ...address, index });
    return [link(name, { ...address, index }, follow), bytes(share), share];
  });
  return {
    equation: equation(["", bytes(value), "as stored"], ["÷", "255", "the largest"], ["=", value, "this number"]),
    sentence: sentences.pixelSentence(found),
    details: isColour ? [numberTable(["", "as stored", "÷ 255"], rows)] : [],
  };
}

/** @param {import("./explain.js").PlainExplanation} found @returns {Description} */
function describeUnknown({ value }) {
  return { equation: equation(["", value, "this number"]), sentence: sentences.UNKNOWN_SENTENCE, details: [] };
}
