// Where one number comes from: (message, address) -> explanation. Pure computing; sums are taken in double precision.

/**
 * @typedef {{section: string, index: number, row: number, column: number}} Address of one number: index is the map, the
 * unit, or the colour channel of an image; row and column are 0 in a vector.
 *
 * @typedef {object} Origin how every value of a section comes from those of the section `source`; see
 * cnn/explain/activations.py
 * @property {"conv"|"norm"|"activation"|"pool"|"flatten"|"dense"|"softmax"} kind
 * @property {string} source
 * @property {string} function
 * @property {number} kernel
 * @property {number} padding
 * @property {Object<string, {shape: number[], values: Float32Array|Uint32Array}>} numbers
 *
 * @typedef {object} Explanation besides these, what the functions below return for each kind
 * @property {Address} address
 * @property {Section} section that the number belongs to
 * @property {Section|null} source
 * @property {number} value of the tensor
 * @property {string} kind that of the origin; "pixel" in the input; "unknown" where no origin was sent
 * @property {number} total what its parts give; `value` up to rounding
 * @property {Window|null} reads
 *
 * @typedef {{index: number|null, row: number, column: number, size: number}} Window what is read of the source:
 * a square of one map (or one unit), or with index null of every map; it may reach over the border
 */

const MOST_CLASSES = 24; // of a softmax that are told one by one

function findSection(message, name) {
  return message.sections.find((section) => section.name === name) ?? null;
}

/** How many maps (or channels, or units) a section has, and the rows and columns of each. */
function extent({ kind, shape }) {
  if (kind === "picture") return { count: shape[2], height: shape[0], width: shape[1] };
  if (kind === "tiles") return { count: shape[0], height: shape[2], width: shape[3] };
  return { count: shape[0], height: 1, width: 1 };
}

/** Whether the message has such a number. */
function exists(message, address) {
  const section = address && findSection(message, address.section);
  if (!section) return false;
  const { count, height, width } = extent(section);
  return address.index < count && address.row < height && address.column < width;
}

function sameAddress(one, other) {
  if (!one || !other) return one === other;
  return ["section", "index", "row", "column"].every((field) => one[field] === other[field]);
}

/** A number as PyTorch has it: bytes of an image as 0..1, percentages as shares. */
function valueAt({ kind, shape, values, unit }, { index, row, column }) {
  if (kind === "picture") return Math.fround(values[(row * shape[1] + column) * shape[2] + index] / 255);
  if (kind === "tiles") return values[(index * shape[2] + row) * shape[3] + column];
  return unit === "%" ? values[index] / 100 : values[index];
}

/** The place of a map's largest magnitude; the first place of a tile with several panes. */
function strongestPlace(section, index) {
  const { height, width } = extent(section);
  let best = 0;
  if (section.kind === "tiles" && section.shape[1] === 1) {
    const values = section.values.subarray(index * height * width, (index + 1) * height * width);
    for (let at = 1; at < values.length; at++) if (Math.abs(values[at]) > Math.abs(values[best])) best = at;
  }
  return { section: section.name, index, row: Math.floor(best / width), column: best % width };
}

const sumOf = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

/** @returns {Explanation} */
function explain(message, address) {
  const section = findSection(message, address.section);
  const known = { address, section, source: null, value: valueAt(section, address), reads: null };
  if (section.kind === "picture") return { ...known, kind: "pixel", total: known.value };
  if (!section.origin) return { ...known, kind: "unknown", total: known.value };
  const { kind } = section.origin;
  const source = findSection(message, section.origin.source);
  return { ...known, source, kind, ...EXPLAIN[kind](section.origin, source, address, section) };
}

/** The addresses of a window of the source, row by row; null outside (where the padding is). */
function windowCells(source, { index, row, column, size }) {
  const { height, width } = extent(source);
  return Array.from({ length: size * size }, (_, at) => {
    const place = { row: row + Math.floor(at / size), column: column + (at % size) };
    const inside = place.row >= 0 && place.row < height && place.column >= 0 && place.column < width;
    return inside ? { section: source.name, index, ...place } : null;
  });
}

/** channels: for each map of the source its patch, the kernel for it, their products and the sum of these. */
function explainConv({ kernel, padding, numbers }, source, { index, row, column }) {
  const reads = { index: null, row: row - padding, column: column - padding, size: kernel };
  const [, depth] = numbers.weight.shape;
  const size = kernel * kernel;
  const channels = Array.from({ length: depth }, (_, channel) => {
    const cells = windowCells(source, { ...reads, index: channel });
    const patch = Float64Array.from(cells, (cell) => (cell ? valueAt(source, cell) : 0));
    const start = (index * depth + channel) * size;
    const weights = numbers.weight.values.subarray(start, start + size);
    const products = patch.map((value, at) => value * weights[at]);
    return { index: channel, cells, patch, weights, products, sum: sumOf(products) };
  });
  const sum = sumOf(channels.map((channel) => channel.sum));
  const bias = numbers.bias.values[index];
  return { channels, sum, bias, total: sum + bias, reads };
}

/** The value at the same place of the source, for what works on each value alone. */
function sameAt(source, { index, row, column }) {
  const address = { section: source.name, index, row, column };
  return { from: address, input: valueAt(source, address), reads: { index, row, column, size: 1 } };
}

function explainNorm({ numbers }, source, address) {
  const read = sameAt(source, address);
  const of = (name) => numbers[name].values[address.index];
  const [mean, variance, gamma, beta, eps] = [of("mean"), of("var"), of("gamma"), of("beta"), numbers.eps.values[0]];
  const centred = read.input - mean;
  const deviation = Math.sqrt(variance + eps);
  const normal = centred / deviation;
  const scaled = normal * gamma;
  return { ...read, mean, variance, eps, gamma, beta, centred, deviation, normal, scaled, total: scaled + beta };
}

const FUNCTIONS = {
  relu: (x) => Math.max(0, x),
  leaky_relu: (x, slope) => (x < 0 ? slope * x : x),
  tanh: (x) => Math.tanh(x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

function explainActivation({ function: name, numbers }, source, address) {
  const read = sameAt(source, address);
  const slope = numbers.slope?.values[0];
  const apply = (x) => FUNCTIONS[name](x, slope);
  return { ...read, name, slope, apply, total: apply(read.input) };
}

/** winner: the place in `cells` of the (first) largest value. */
function explainPool({ function: name, kernel }, source, { index, row, column }) {
  const reads = { index, row: row * kernel, column: column * kernel, size: kernel };
  const cells = windowCells(source, reads).map((address) => ({ address, value: valueAt(source, address) }));
  const values = cells.map(({ value }) => value);
  const largest = Math.max(...values);
  const total = name === "max" ? largest : sumOf(values) / values.length;
  return { cells, name, winner: name === "max" ? values.indexOf(largest) : -1, total, reads };
}

function explainFlatten(origin, source, { index }) {
  const { height, width } = extent(source);
  const map = Math.floor(index / (height * width));
  const rest = index % (height * width);
  const read = sameAt(source, { index: map, row: Math.floor(rest / width), column: rest % width });
  return { ...read, height, width, total: read.input };
}

/** terms: the largest products, in order; others: how many more there are, and their sum. */
function explainDense({ numbers }, source, { index }) {
  const { inputs, weight, others } = numbers;
  const [, told] = weight.shape;
  const terms = Array.from({ length: told }, (_, at) => {
    const address = { section: source.name, index: inputs.values[index * told + at], row: 0, column: 0 };
    const input = valueAt(source, address);
    const factor = weight.values[index * told + at];
    return { address, input, weight: factor, product: input * factor };
  });
  const rest = { count: extent(source).count - told, sum: others.values[index] };
  const sum = sumOf(terms.map(({ product }) => product)) + rest.sum;
  const bias = numbers.bias.values[index];
  return { terms, others: rest, sum, bias, total: sum + bias };
}

const LARGEST_EXPONENT = 600; // e to the power of more does not fit a number

/** shift: taken off every logit where they are too large, which changes no share. */
function explainSoftmax(origin, source, { index }) {
  const logits = Array.from(source.values);
  const largest = Math.max(...logits);
  const shift = Math.abs(largest) > LARGEST_EXPONENT ? largest : 0;
  const all = logits.map((logit, at) => ({
    address: { section: source.name, index: at, row: 0, column: 0 }, logit, power: Math.exp(logit - shift),
  }));
  const sum = sumOf(all.map(({ power }) => power));
  const own = all[index];
  const ranked = all.filter((term) => term !== own).sort((one, other) => other.logit - one.logit);
  const terms = [own, ...ranked.slice(0, MOST_CLASSES - 1)].sort((one, other) => other.logit - one.logit);
  const rest = ranked.slice(MOST_CLASSES - 1);
  const others = { count: rest.length, sum: sumOf(rest.map(({ power }) => power)) };
  return { terms, own, others, shift, sum, total: own.power / sum };
}

const EXPLAIN = {
  conv: explainConv,
  norm: explainNorm,
  activation: explainActivation,
  pool: explainPool,
  flatten: explainFlatten,
  dense: explainDense,
  softmax: explainSoftmax,
};
