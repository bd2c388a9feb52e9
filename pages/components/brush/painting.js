// What is painted on an image: for each pixel c colour values and, last, whether it is painted. No page, no pointer.

const MOST_STEPS_BACK = 50;

class Painting {
  constructor(height, width, channels, bytes) {
    Object.assign(this, { height, width, channels, bytes });
    this.past = []; // what it was before each stroke
  }

  get isEmpty() {
    return !this.bytes.some((byte, at) => byte && at % (this.channels + 1) === this.channels);
  }

  /** To be called before each stroke, which can then be taken back. */
  remember() {
    this.past.push(this.bytes.slice());
    if (this.past.length > MOST_STEPS_BACK) this.past.shift();
  }

  undo() {
    this.bytes = this.past.pop() ?? this.bytes;
  }

  clear() {
    this.remember();
    this.bytes.fill(0);
  }

  /** Paint a line from one point to another, in pixels; a pixel's middle is at a half. */
  line([x0, y0], [x1, y1], size, color) {
    const steps = Math.ceil(2 * Math.hypot(x1 - x0, y1 - y0));
    for (let step = 0; step <= steps; step++) {
      const part = steps ? step / steps : 1;
      this.dab(x0 + part * (x1 - x0), y0 + part * (y1 - y0), size, color);
    }
  }

  /** A disc: the pixels with their middle in it, and always the one under the point. */
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

  set(pixel, color) {
    const at = pixel * (this.channels + 1);
    this.bytes.set(color, at);
    this.bytes[at + this.channels] = 255;
  }

  /** The image with the painting over it, as a canvas takes it. */
  over(image) {
    const { channels, bytes } = this;
    const picture = new ImageData(this.width, this.height);
    for (let pixel = 0; pixel < this.width * this.height; pixel++) {
      const isPainted = bytes[pixel * (channels + 1) + channels] > 0;
      const [from, at] = isPainted ? [bytes, pixel * (channels + 1)] : [image, pixel * channels];
      for (let rgb = 0; rgb < 3; rgb++) picture.data[4 * pixel + rgb] = from[at + (channels === 3 ? rgb : 0)];
      picture.data[4 * pixel + 3] = 255;
    }
    return picture;
  }

  base64() {
    return btoa(Array.from(this.bytes, (byte) => String.fromCharCode(byte)).join(""));
  }
}
