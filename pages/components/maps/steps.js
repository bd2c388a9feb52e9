// How an explanation of each kind is told: its equation, a sentence, its details. For convolutions, see channels.js.

/**
 * @typedef {object} Telling
 * @property {Node} equation
 * @property {string} sentence
 * @property {Node[]} [details] none of a convolution: its channels are drawn by a ChannelList
 */

const FUNCTION_SENTENCES = {
  relu: "ReLU lets positive values pass and makes negative ones zero.",
  leaky_relu: "LeakyReLU lets positive values pass and leaves a hundredth of negative ones.",
  tanh: "tanh squeezes any value into the range from −1 to 1.",
  sigmoid: "The sigmoid squeezes any value into the range from 0 to 1.",
};

const FUNCTION_TEXTS = {
  relu: "max(0, x)",
  leaky_relu: "x, or 0.01 x below 0",
  tanh: "tanh(x)",
  sigmoid: "1 / (1 + e⁻ˣ)",
};

function tellActivation(found, follow) {
  const { from, input, name, source, apply, total, value } = found;
  return {
    equation: equation(["", input, "x"], ["→", FUNCTION_TEXTS[name], "applied"], [equals(found), value, "this number"]),
    sentence: FUNCTION_SENTENCES[name],
    details: [
      paragraph("x is ", link(addressName(source, from), from, follow), source.kind === "tiles" ? ", same place." : "."),
      plot(apply, input, total),
    ],
  };
}

const paragraph = (...content) => element("p", { class: "from" }, ...content);
const grouped = (count) => count.toLocaleString("en");

function tellNorm(found, follow) {
  const { from, source, input, mean, variance, eps, gamma, beta, centred, deviation, normal, scaled, value } = found;
  const steps = numberTable(["", "", "so far"], [
    [link(addressName(source, from), from, follow), input, input],
    [`${MINUS} mean`, mean, centred],
    [`÷ √(variance + ${brief(eps)})`, deviation, normal],
    ["× gamma", gamma, scaled],
    [`+ beta`, beta, value],
  ]);
  return {
    equation: equation(["", normal, "normalised"], ["×", gamma, "gamma"], [...added(beta), "beta"],
      [equals(found), value, "this number"]),
    sentence: `Batch norm shifts and stretches a map by the mean and the variance (${exact(variance)}) of its values `
      + "in training, then by its learned gamma and beta.",
    details: [steps],
  };
}

function tellPool(found, follow) {
  const { cells, name, winner, source, value, address, reads } = found;
  const { signed, limit } = source;
  const buttons = cells.map((cell, at) => {
    const [colour] = colourize([cell.value], signed, limit);
    const button = link(numberText(cell.value), cell.address, follow, addressPlace(source, cell.address));
    button.className = at === winner ? "window-cell winner" : "window-cell";
    button.style.backgroundColor = swatchColour(colour);
    button.style.color = inkOn(colour);
    if (at === winner) button.append(element("small", {}, "largest"));
    return button;
  });
  const rule = name === "max" ? "largest of 4" : "sum of 4 ÷ 4";
  const place = `rows ${reads.row} and ${reads.row + 1}, columns ${reads.column} and ${reads.column + 1}`;
  return {
    equation: equation(["", rule, "of the window"], [equals(found), value, "this number"]),
    sentence: name === "max"
      ? "Max pooling keeps the largest value of each 2 × 2 window and forgets where in the window it was."
      : "Average pooling keeps the mean of each 2 × 2 window.",
    details: [
      paragraph(`The window of ${addressName(source, { index: address.index })}: ${place}`),
      element("div", { class: "window" }, ...buttons),
    ],
  };
}

function tellFlatten(found, follow) {
  const { from, source, address, height, width, value } = found;
  const total = `${from.index} × ${height * width} + ${from.row} × ${width} + ${from.column}`;
  return {
    equation: equation(["", "a copy", "of one value"], ["=", value, "this number"]),
    sentence: "Flatten puts the values of all maps in one row. Nothing is computed.",
    details: [
      paragraph("It is ", link(addressName(source, from), from, follow), `, ${addressPlace(source, from)}.`),
      paragraph(`Each map has ${height} × ${width} = ${height * width} values; `
        + `its place in the row is ${total} = ${address.index}.`),
    ],
  };
}

function tellDense(found, follow) {
  const { terms, others, sum, bias, source, value } = found;
  const limit = Math.max(...terms.map(({ product }) => Math.abs(product)));
  const name = (address) => (source.labels?.[address.index] ?? String(address.index));
  const rows = terms.map(({ address, input, weight, product }) =>
    [link(name(address), address, follow), input, weight, product, smallBar(product, limit)]);
  if (others.count) rows.push([`${grouped(others.count)} more`, "", "", others.sum, smallBar(others.sum, limit)]);
  const count = terms.length + others.count;
  return {
    equation: equation(["", sum, "all products"], [...added(bias), "bias"], [equals(found), value, "this number"]),
    sentence: `Each of the ${grouped(count)} values of ${source.name}, times this unit’s weight for it. `
      + "The largest products first:",
    details: [numberTable([source.name, "value", "× weight", "= product", ""], rows)],
  };
}

function tellSoftmax(found, follow) {
  const { terms, own, others, shift, sum, source, value, section } = found;
  const power = shift ? `e to (logit ${MINUS} ${brief(shift)})` : "e to the logit";
  const rows = terms.map((term) => [
    link(source.labels[term.address.index], term.address, follow), term.logit, term.power, percent(term.power / sum),
  ]);
  if (others.count) rows.push([`${others.count} more`, "", others.sum, percent(others.sum / sum)]);
  const shares = numberTable(["class", "logit", power, "share"], rows);
  shares.tBodies[0].rows[terms.indexOf(own)].className = "own";
  return {
    equation: equation(["", own.power, power], ["÷", sum, "sum of all"], [equals(found), value, percent(value)]),
    sentence: `The share of “${section.labels[own.address.index]}” in the sum over all classes.`,
    details: [shares],
  };
}

const percent = (share) => `${brief(100 * share)} %`;

function tellPixel({ section, address, value }, follow) {
  const bytes = (share) => String(Math.round(255 * share));
  const isColour = section.shape[2] === 3;
  const channel = isColour ? `The ${CHANNEL_NAMES[address.index]} of a pixel` : "The brightness of a pixel";
  const rows = CHANNEL_NAMES.map((name, index) => {
    const share = isColour ? valueAt(section, { ...address, index }) : 0;
    return [link(name, { ...address, index }, follow), bytes(share), share];
  });
  return {
    equation: equation(["", bytes(value), "as stored"], ["÷", "255", "the largest"], ["=", value, "this number"]),
    sentence: `${channel}, from 0 to 1, as the network takes it. This is where every number begins.`,
    details: isColour ? [numberTable(["", "as stored", "÷ 255"], rows)] : [],
  };
}

function tellUnknown({ value }) {
  return {
    equation: equation(["", value, "this number"]),
    sentence: "The numbers it was computed from are too many to be sent to the browser. "
      + "With fewer filters or smaller images, it can be taken apart here.",
    details: [],
  };
}
