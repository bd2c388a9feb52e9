// @ts-check
// Colour scales as tables of packed pixels, and functions that turn arrays of values into arrays of pixels.

const DIVERGING = ["#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#f7f7f7", "#fddbc7", "#f4a582", "#d6604d", "#b2182b"];
const SEQUENTIAL = [ // viridis
  "#440154", "#481a6c", "#472f7d", "#414487", "#39568c", "#31688e", "#2a788e", "#23888e",
  "#1f988b", "#22a884", "#35b779", "#54c568", "#7ad151", "#a5db36", "#d2e21b", "#fde725",
];
const SCALE_STEPS = 1024; // even: zero is exactly in the middle of the diverging scale
export const NO_COLOUR = 0; // a transparent pixel, for values that are not finite: no scale contains it

/**
 * Red, green and blue (0..255) as one pixel of a canvas, whose bytes are RGBA (on a little-endian machine).
 * @param {number} red
 * @param {number} green
 * @param {number} blue
 */
export function pixel(red, green, blue) {
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}

/** Red, green and blue (0..255) of "#rrggbb". @param {string} hex */
export function rgbOf(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** SCALE_STEPS + 1 pixels, interpolated between the stops. @param {string[]} stops */
function table(stops) {
  const colours = stops.map(rgbOf);
  return Uint32Array.from({ length: SCALE_STEPS + 1 }, (_, step) => {
    const position = (step / SCALE_STEPS) * (stops.length - 1);
    const lower = Math.min(Math.floor(position), stops.length - 2);
    /** @param {number} c */
    const mix = (c) => Math.round(colours[lower][c] + (colours[lower + 1][c] - colours[lower][c]) * (position - lower));
    return pixel(mix(0), mix(1), mix(2));
  });
}

const TABLES = { diverging: table(DIVERGING), sequential: table(SEQUENTIAL) };

/** The CSS background that shows a scale from left to right. @param {boolean} signed */
export function gradient(signed) {
  return `linear-gradient(to right, ${(signed ? DIVERGING : SEQUENTIAL).join(", ")})`;
}

/**
 * One pixel per value. The diverging scale runs from -limit to limit, the sequential one from 0 to limit; values beyond
 * get the end colour.
 * @param {ArrayLike<number>} values
 * @param {boolean} signed diverging
 * @param {number} limit
 */
export function colourize(values, signed, limit) {
  const colours = signed ? TABLES.diverging : TABLES.sequential;
  const zero = signed ? SCALE_STEPS / 2 : 0;
  const factor = limit > 0 ? (SCALE_STEPS - zero) / limit : 0;
  const pixels = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value - value !== 0) {
      pixels[i] = NO_COLOUR;
      continue;
    }
    const step = Math.round(zero + value * factor);
    pixels[i] = colours[step < 0 ? 0 : step > SCALE_STEPS ? SCALE_STEPS : step];
  }
  return pixels;
}

/**
 * Three planes of values (red, green, blue) as one colour picture: gray is 0, full colour is the limit.
 * @param {ArrayLike<number>} values
 * @param {number} limit
 */
export function colourizeRgb(values, limit) {
  const size = values.length / 3;
  /** @param {number} value */
  const byte = (value) => Math.round(255 * Math.min(1, Math.max(0, limit > 0 ? 0.5 + value / (2 * limit) : 0.5)));
  return Uint32Array.from({ length: size }, (_, i) => {
    const rgb = [values[i], values[i + size], values[i + 2 * size]];
    return rgb.every(Number.isFinite) ? pixel(byte(rgb[0]), byte(rgb[1]), byte(rgb[2])) : NO_COLOUR;
  });
}

/** An image of 1 or 3 bytes per pixel. @param {ArrayLike<number>} bytes @param {number} depth */
export function colourizeImage(bytes, depth) {
  return Uint32Array.from({ length: bytes.length / depth }, (_, i) => {
    const at = i * depth;
    return depth === 1 ? pixel(bytes[at], bytes[at], bytes[at]) : pixel(bytes[at], bytes[at + 1], bytes[at + 2]);
  });
}

/**
 * The values of one channel, in its colour: red, green or blue; gray if the image has one channel.
 * @param {ArrayLike<number>} values 0..1
 * @param {number} depth channels of the image
 * @param {number} index of the channel
 */
export function colourizeChannel(values, depth, index) {
  return Uint32Array.from(values, (value) => {
    const byte = Math.round(255 * value);
    if (depth === 1) return pixel(byte, byte, byte);
    return pixel(index === 0 ? byte : 0, index === 1 ? byte : 0, index === 2 ? byte : 0);
  });
}

/** A pixel as a CSS colour. @param {number} colour */
export function swatchColour(colour) {
  return colour === NO_COLOUR ? "magenta" : `rgb(${colour & 255} ${(colour >> 8) & 255} ${(colour >> 16) & 255})`;
}

/** The text colour that is easier to read on a colour: black or white. @param {number} colour */
export function inkOn(colour) {
  const light = 0.299 * (colour & 255) + 0.587 * ((colour >> 8) & 255) + 0.114 * ((colour >> 16) & 255);
  return light > 140 ? "#000" : "#fff";
}
