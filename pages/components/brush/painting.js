// @ts-check
// The painting on an image: for each pixel, c colour values, then whether it is painted (0 or 255). Needs no page.

import { pixel } from "../common/color.js";

const MOST_UNDO_STEPS = 50;

export class Painting {
  /**
   * @param {number} height
   * @param {number} width
   * @param {number} channels of the image
   * @param {Uint8Array} bytes (height, width, channels + 1); the painting modifies them
   */
  constructor(height, width, channels, bytes) {
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.bytes = bytes;
    /** @type {Uint8Array[]} the bytes before each stroke */
    this.past = [];
  }

  get isEmpty() {
    return !this.bytes.some((byte, at) => byte && at % (this.channels + 1) === this.channels);
  }

  /** Call before each stroke, so that undo can take it back. */
  remember() {
    this.past.push(this.bytes.slice());
    if (this.past.length > MOST_UNDO_STEPS) this.past.shift();
  }

  undo() {
    this.bytes = this.past.pop() ?? this.bytes;
  }

  clear() {
    this.remember();
    this.bytes.fill(0);
  }

  /**
   * Paints a line from one point (x, y) to another, in pixels; the middle of the first pixel is at 0.5.
   * @param {number[]} from
   * @param {number[]} to
   * @param {number} size of the brush
   * @param {number[]} color
   */
  line([x0, y0], [x1, y1], size, color) {
    const steps = Math.ceil(2 * Math.hypot(x1 - x0, y1 - y0));
    for (let step = 0; step <= steps; step++) {
      const fraction = steps ? step / steps : 1;
      this.dab(x0 + fraction * (x1 - x0), y0 + fraction * (y1 - y0), size, color);
    }
  }

  /**
   * Paints a disc: all pixels whose middle is inside, and always the pixel under the point.
   * @param {number} x
   * @param {number} y
   * @param {number} size
   * @param {number[]} color
   */
  dab(x, y, size, color) {
    const reach = Math.ceil(size / 2);
    const [column, row] = [Math.floor(x), Math.floor(y)];
    for (let r = Math.max(0, row - reach); r <= Math.min(this.height - 1, row + reach); r++) {
      for (let c = Math.max(0, column - reach); c <= Math.min(this.width - 1, column + reach); c++) {
        const isInside = Math.hypot(c + 0.5 - x, r + 0.5 - y) <= size / 2;
        if (isInside || (r === row && c === column)) this.set(r * this.width + c, color);
      }
    }
  }

  /** @param {number} place index of the pixel, row by row @param {number[]} color */
  set(place, color) {
    const at = place * (this.channels + 1);
    this.bytes.set(color, at);
    this.bytes[at + this.channels] = 255;
  }

  /**
   * The image with the painting over it, as packed pixels.
   * @param {ArrayLike<number>} image
   * @param {number} opacity of the painting, 0..1
   */
  over(image, opacity = 1) {
    const { channels, bytes } = this;
    return Uint32Array.from({ length: this.width * this.height }, (_, place) => {
      const at = place * (channels + 1);
      const alpha = bytes[at + channels] > 0 ? opacity : 0;
      /** @param {number} channel */
      const mix = (channel) => Math.round(alpha * bytes[at + channel] + (1 - alpha) * image[place * channels + channel]);
      return channels === 3 ? pixel(mix(0), mix(1), mix(2)) : pixel(mix(0), mix(0), mix(0));
    });
  }

  base64() {
    return btoa(Array.from(this.bytes, (byte) => String.fromCharCode(byte)).join(""));
  }
}
