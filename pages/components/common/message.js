// @ts-check
// Decodes a message from Python: 4 bytes header length, a JSON header, padding, then the arrays. message.py writes it.

const ALIGNMENT = 8;
const TYPES = { u1: Uint8Array, "<f4": Float32Array, "<u4": Uint32Array };

/**
 * @typedef {Uint8Array|Float32Array|Uint32Array} Numbers
 *
 * An array of the message, in row-major order.
 * @typedef {{shape: number[], values: Numbers}} NumberArray
 */

/**
 * The header, with the arrays in it.
 * @param {Uint8Array} message
 * @returns {any}
 */
export function decode(message) {
  // The message may start anywhere in a longer buffer; a copy starts at 0, so the arrays are aligned.
  const bytes = message.slice();
  const end = 4 + new DataView(bytes.buffer).getUint32(0, true);
  const start = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
  /** @param {string} _ @param {any} value */
  const revive = (_, value) => {
    const Type = TYPES[/** @type {keyof typeof TYPES} */ (value?.dtype)];
    if (!Type) return value;
    const count = value.shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
    return { shape: value.shape, values: new Type(bytes.buffer, start + value.offset, count) };
  };
  return JSON.parse(new TextDecoder().decode(bytes.subarray(4, end)), revive);
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export function sameBytes(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
