// @ts-check
// A message of sections with origins for tests, and plain loops that compute what a layer makes of its input.

import { blockOf } from "../../../pages/components/maps/sections.js";

/**
 * @typedef {import("../../../pages/components/maps/sections.js").Message} Message
 * @typedef {import("../../../pages/components/maps/sections.js").Origin} Origin
 * @typedef {import("../../../pages/components/maps/sections.js").Section} Section
 * @typedef {import("../../../pages/components/maps/sections.js").NumberArray} NumberArray
 */

/** Numbers that look random and are the same each time. @param {number} seed */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 31 - 1;
  };
}

/** @param {number[]} shape @param {number} seed @returns {NumberArray} */
export function randomArray(shape, seed) {
  const next = random(seed);
  return { shape, values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next) };
}

/** @param {number[]} values @returns {NumberArray} */
export const vector = (...values) => ({ shape: [values.length], values: Float32Array.from(values) });

/** @param {Partial<Origin>} others @returns {Origin} */
export function origin(others) {
  return {
    kind: "conv", source: "before", function: "", kernel: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1],
    groups: 1, formula: "x", formula_text: "x", sentence: "", numbers: {}, ...others,
  };
}

/** Maps (n, h, w). @param {string} name @param {NumberArray} maps @param {Origin|null} from @returns {Section} */
export function tiles(name, { shape: [n, h, w], values }, from = null) {
  return {
    kind: "tiles", name, note: "", ...blockOf({ shape: [n, 1, h, w], values }), signed: true, shown: n, origin: from,
    labels: Array.from({ length: n }, (_, at) => String(at)), captions: [], dim: [], rgb: false, beside: null,
    besideRgb: false, geometry: null, limits: [],
  };
}

/** @param {string} name @param {NumberArray} array @param {Origin|null} from @returns {Section} */
export function bars(name, array, from = null) {
  return {
    kind: "bars", name, note: "", ...array, signed: true, limit: 1, labels: [], colors: [], unit: "", caption: "", origin: from,
  };
}

/** @param {string} name @param {NumberArray} array @param {Origin|null} from @returns {Section} */
export function strip(name, array, from = null) {
  return { kind: "strip", name, note: "", ...array, signed: true, limit: 1, origin: from };
}

/**
 * Bytes (h, w, c). The network gets them from 0 to 1 unless mean and spread say otherwise.
 * @param {string} name @param {number[]} shape @param {number[]} bytes @param {number} mean @param {number} spread
 * @returns {Section}
 */
export function picture(name, shape, bytes, mean = 0, spread = 1) {
  const each = { mean: Array(shape[2]).fill(mean), spread: Array(shape[2]).fill(spread) };
  return { kind: "picture", name, note: "", shape, values: Uint8Array.from(bytes), ...each };
}

/** @param {...Section} sections @returns {Message} */
export function message(...sections) {
  return {
    key: "", sections, background: null, shared: true, explains: true, reports: false, panel: true, tile: 72, columns: null,
    selected: null, glance: null,
  };
}

/** The value of maps (n, h, w) at a place, `outside` where there is none. @param {NumberArray} maps @param {number} map @param {number} row @param {number} column */
export function at({ shape: [, h, w], values }, map, row, column, outside = 0) {
  return row < 0 || column < 0 || row >= h || column >= w ? outside : values[(map * h + row) * w + column];
}

/**
 * A convolution at one place, as its definition has it.
 * @param {NumberArray} maps (channels, h, w)
 * @param {NumberArray} weight (filters, channels / groups, rows, columns)
 * @param {Origin} from
 * @param {[filter: number, row: number, column: number]} place
 */
export function convolved(maps, weight, { stride, padding, dilation, groups }, [filter, row, column]) {
  const [filters, depth, rows, columns] = weight.shape;
  const group = Math.floor((filter * groups) / filters);
  let sum = 0;
  for (let c = 0; c < depth; c++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const y = row * stride[0] + i * dilation[0] - padding[0];
        const x = column * stride[1] + j * dilation[1] - padding[1];
        sum += at(maps, group * depth + c, y, x) * weight.values[((filter * depth + c) * rows + i) * columns + j];
      }
    }
  }
  return sum;
}

/** One map of one value. @param {number} value @returns {NumberArray} */
export const singleMap = (value) => ({ shape: [1, 1, 1], values: Float32Array.of(value) });
