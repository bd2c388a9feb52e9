// @ts-check
// Describes an explanation: its equation, a sentence, its details. The details of a convolution are drawn by a
// ChannelList; see convolution.js.

import { threeDigits, grouped, MINUS, percent } from "../common/numbers.js";
import { added, equals, equation, link, numberTable, paragraph, smallBar } from "./equation.js";
import { functionPlot } from "./function_plot.js";
import { poolWindow } from "./pool_window.js";
import { addressName, addressPlace, brightness, CHANNEL_NAMES, valueAt } from "./sections.js";
import * as sentences from "./sentences.js";

/**
 * @typedef {(address: import("./sections.js").Address) => void} Follow
 *
 * @typedef {object} Description
 * @property {Node} equation
 * @property {string} sentence
 * @property {Node[]} details
 */

/**
 * @param {import("./explain.js").Explanation} explanation
 * @param {boolean} shared one colour scale for all maps of a layer
 * @param {Follow} follow
 * @returns {Description}
 */
export function describe(explanation, shared, follow) {
  switch (explanation.kind) {
    case "conv": return describeConv(explanation);
    case "norm": return describeNorm(explanation, follow);
    case "activation": return describeActivation(explanation, follow);
    case "pool": return describePool(explanation, shared, follow);
    case "flatten": return describeFlatten(explanation, follow);
    case "dense": return describeDense(explanation, follow);
    case "softmax": return describeSoftmax(explanation, follow);
    case "pixel": return describePixel(explanation, follow);
    case "unknown": return describeUnknown(explanation);
  }
}

/** @param {{total: number, value: number}} explanation @returns {[string, number, string]} */
const result = (explanation) => [equals(explanation), explanation.value, "this number"];

/** @param {import("./explain.js").ConvExplanation} explanation @returns {Description} */
function describeConv(explanation) {
  const { sum, bias } = explanation;
  return {
    equation: equation(["", sum, "all products"], ...added(bias, "bias"), result(explanation)),
    sentence: sentences.convSentence(explanation),
    details: [],
  };
}

/** @param {import("./explain.js").NormExplanation} explanation @param {Follow} follow @returns {Description} */
function describeNorm(explanation, follow) {
  const { from, source, input, mean, eps, gamma, beta, centred, deviation, normal, scaled, value } = explanation;
  const steps = numberTable(["", "", "so far"], [
    [link(addressName(source, from), from, follow), input, input],
    [`${MINUS} mean`, mean, centred],
    [`÷ √(variance + ${threeDigits(eps)})`, deviation, normal],
    ["× gamma", gamma, scaled],
    ["+ beta", beta, value],
  ]);
  return {
    equation: equation(["", normal, "normalised"], ["×", gamma, "gamma"], ...added(beta, "beta"), result(explanation)),
    sentence: sentences.normSentence(explanation),
    details: [steps],
  };
}

/** @param {import("./explain.js").ActivationExplanation} explanation @param {Follow} follow @returns {Description} */
function describeActivation(explanation, follow) {
  const { from, input, origin, source, apply, total } = explanation;
  const place = source.kind === "tiles" ? ", same place." : ".";
  return {
    equation: equation(["", input, "x"], ["→", origin.formula_text, "applied"], result(explanation)),
    sentence: origin.sentence,
    details: [
      paragraph("x is ", link(addressName(source, from), from, follow), place),
      functionPlot(apply, input, total),
    ],
  };
}

/** @param {import("./explain.js").PoolExplanation} explanation @param {boolean} shared @param {Follow} follow @returns {Description} */
function describePool(explanation, shared, follow) {
  const whole = sentences.isGlobal(explanation) ? "of the map" : "of the window";
  return {
    equation: equation(["", sentences.poolRule(explanation), whole], result(explanation)),
    sentence: sentences.poolSentence(explanation),
    details: [paragraph(sentences.poolPlace(explanation)), ...poolWindow(explanation, shared, follow)],
  };
}

/** @param {import("./explain.js").FlattenExplanation} explanation @param {Follow} follow @returns {Description} */
function describeFlatten(explanation, follow) {
  const { from, source, value } = explanation;
  return {
    equation: equation(["", "a copy", "of one value"], ["=", value, "this number"]),
    sentence: "Flatten puts the values of all maps in one row. Nothing is computed.",
    details: [
      paragraph("It is ", link(addressName(source, from), from, follow), `, ${addressPlace(source, from)}.`),
      paragraph(sentences.flattenSentence(explanation)),
    ],
  };
}

/** @param {import("./explain.js").DenseExplanation} explanation @param {Follow} follow @returns {Description} */
function describeDense(explanation, follow) {
  const { terms, others, sum, bias, source } = explanation;
  const limit = Math.max(...terms.map(({ product }) => Math.abs(product)));
  const labels = source.kind === "bars" ? source.labels : [];
  /** @type {(number|string|Node)[][]} */
  const rows = terms.map(({ address, input, weight, product }) => {
    const name = labels[address.index] ?? String(address.index);
    return [link(name, address, follow), input, weight, product, smallBar(product, limit)];
  });
  if (others.count) rows.push([`${grouped(others.count)} more`, "", "", others.sum, smallBar(others.sum, limit)]);
  return {
    equation: equation(["", sum, "all products"], ...added(bias, "bias"), result(explanation)),
    sentence: sentences.denseSentence(explanation),
    details: [numberTable([source.name, "value", "× weight", "= product", ""], rows)],
  };
}

/** @param {import("./explain.js").SoftmaxExplanation} explanation @param {Follow} follow @returns {Description} */
function describeSoftmax(explanation, follow) {
  const { terms, own, others, shift, sum, value, source } = explanation;
  const power = sentences.powerText(shift, threeDigits);
  const labels = source.kind === "bars" ? source.labels : [];
  /** @type {(number|string|Node)[][]} */
  const rows = terms.map((term) => {
    const name = labels[term.address.index] ?? String(term.address.index);
    return [link(name, term.address, follow), term.logit, term.power, percent(term.power / sum)];
  });
  if (others.count) rows.push([`${others.count} more`, "", others.sum, percent(others.sum / sum)]);
  const table = numberTable(["class", "logit", power, "share"], rows);
  table.tBodies[0].rows[terms.indexOf(own)].className = "own";
  const name = labels[own.address.index] ?? String(own.address.index);
  return {
    equation: equation(["", own.power, power], ["÷", sum, "sum of all"], [equals(explanation), value, percent(value)]),
    sentence: `Softmax: the probability of “${name}” is its part of the sum over all classes.`,
    details: [table],
  };
}

/** @param {import("./explain.js").PlainExplanation} explanation @param {Follow} follow @returns {Description} */
function describePixel(explanation, follow) {
  const { address, value } = explanation;
  const section = /** @type {import("./sections.js").Picture} */ (explanation.section);
  /** @param {number} number @param {number} index */
  const asByte = (number, index) => String(Math.round(255 * brightness(section, index, number)));
  const [mean, spread] = [section.mean[address.index], section.spread[address.index]];
  const isStandardised = mean !== 0 || spread !== 1;
  /** @type {[string, string|number, string][]} */
  const steps = isStandardised ? [[MINUS, mean, "mean of the training images"], ["÷", spread, "their spread"]] : [];
  const isColour = section.shape[2] === 3;
  const rows = CHANNEL_NAMES.slice(0, isColour ? 3 : 0).map((name, index) => {
    const number = valueAt(section, { ...address, index });
    return [link(name, { ...address, index }, follow), asByte(number, index), number];
  });
  return {
    equation: equation(
      ["", asByte(value, address.index), "as stored"], ["÷", "255", "the largest"], ...steps, ["=", value, "this number"],
    ),
    sentence: sentences.pixelSentence(explanation),
    details: isColour ? [numberTable(["", "as stored", isStandardised ? "as the network gets it" : "÷ 255"], rows)] : [],
  };
}

/** @param {import("./explain.js").PlainExplanation} explanation @returns {Description} */
function describeUnknown({ value }) {
  return { equation: equation(["", value, "this number"]), sentence: sentences.UNKNOWN_SENTENCE, details: [] };
}
