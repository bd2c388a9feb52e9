// Pictures of values over an image. Message: 4 bytes header length, JSON header, float32 values of each picture, pixels.

const SIDE = 300; // CSS pixels that a picture is at most wide

function decodeOverlays(message) {
  const bytes = message.slice(); // the message may be a window into a longer buffer
  const end = 4 + new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end)));
  const size = header.width * header.height;
  const pictures = header.pictures.map((picture, at) => {
    const values = new Float32Array(bytes.buffer, end + 4 * size * at, size);
    return { ...picture, values, limit: summarize(values).limit };
  });
  const image = colourizeImage(bytes.subarray(end + 4 * size * pictures.length), header.channels);
  return { ...header, pictures, image };
}

/** The image with the values over it: each as opaque as it is large. */
function blend({ image }, { values, signed, limit }, strength) {
  const colours = colourize(values, signed, limit);
  return image.map((below, i) => {
    const share = limit > 0 ? strength * Math.min(1, Math.abs(values[i]) / limit) : 0;
    const mix = (shift) => Math.round(((below >>> shift) & 255) * (1 - share) + ((colours[i] >>> shift) & 255) * share);
    return pixel(mix(0), mix(8), mix(16));
  });
}

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

class Overlays {
  constructor(parent) {
    this.strength = 80;
    this.slider = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 100, value: this.strength });
    this.slider.setAttribute("aria-label", "Overlay strength");
    this.slider.addEventListener("input", () => this.draw());
    const label = make("label", "strength", "");
    label.append("image", this.slider, "overlay");
    this.grid = make("div", "pictures");
    this.root = make("div", "overlays");
    this.root.append(label, this.grid);
    parent.append(this.root);
    this.cards = [];
    this.at = null; // the pixel that is pointed at: row, column
  }

  receive(message) {
    this.data = decodeOverlays(message);
    const { pictures } = this.data;
    while (this.cards.length < pictures.length) this.add(this.cards.length);
    this.cards.splice(pictures.length).forEach((card) => card.root.remove());
    this.cards.forEach((card, at) => {
      card.name.textContent = pictures[at].name;
      card.note.textContent = pictures[at].note;
      card.words.textContent = pictures[at].words;
      [card.source.textContent, card.source.href] = pictures[at].source;
      card.scale.style.background = gradient(pictures[at].signed);
      const limit = brief(pictures[at].limit);
      const isBlank = pictures[at].limit === 0;
      card.low.textContent = isBlank ? "" : pictures[at].signed ? `${MINUS}${limit}` : "0";
      card.middle.textContent = isBlank || pictures[at].signed ? "0" : "";
      card.high.textContent = isBlank ? "" : limit;
    });
    this.draw();
    this.tell();
  }

  add(at) {
    const card = { root: make("figure", "picture") };
    for (const name of ["name", "note", "value", "scale", "low", "middle", "high", "words"]) card[name] = make("div", name);
    card.canvas = document.createElement("canvas");
    card.canvas.setAttribute("role", "img");
    card.canvas.tabIndex = 0;
    for (const type of ["pointerdown", "pointermove"]) card.canvas.addEventListener(type, (event) => this.point(at, event));
    card.canvas.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.tell((this.at = null)));
    card.canvas.addEventListener("keydown", (event) => this.onKey(event));
    const ends = make("div", "ends");
    ends.append(card.low, card.middle, card.high);
    card.source = Object.assign(make("a", "source"), { target: "_blank", rel: "noopener" });
    card.root.append(card.name, card.canvas, card.value, card.scale, ends, card.note, card.words, card.source);
    card.root.style.maxWidth = `${SIDE}px`;
    this.cards.push(card);
    this.grid.append(card.root);
  }

  draw() {
    const { width, height, pictures } = this.data;
    this.cards.forEach(({ canvas }, at) => {
      canvas.width = width;
      canvas.height = height;
      canvas.setAttribute("aria-label", `${pictures[at].name} over the image`);
      const mixed = blend(this.data, pictures[at], this.slider.value / 100);
      canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(mixed.buffer), width, height), 0, 0);
    });
  }

  point(at, event) {
    const { width, height } = this.data;
    const box = this.cards[at].canvas.getBoundingClientRect();
    const cell = (place, start, length, cells) => Math.min(cells - 1, Math.max(0, Math.floor(((place - start) / length) * cells)));
    this.at = [cell(event.clientY, box.top, box.height, height), cell(event.clientX, box.left, box.width, width)];
    this.tell();
  }

  /** The arrow keys move by a pixel, from the middle at first; Escape looks away. */
  onKey(event) {
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Escape: null };
    if (!(event.key in moves)) return;
    event.preventDefault();
    const { width, height } = this.data;
    const [down, right] = moves[event.key] ?? [0, 0];
    const [row, column] = this.at ?? [height >> 1, width >> 1];
    const inside = (place, cells) => Math.min(cells - 1, Math.max(0, place));
    this.at = moves[event.key] && [inside(row + down, height), inside(column + right, width)];
    this.tell();
  }

  /** The values of all pictures at the pixel that is pointed at: the same place, compared. */
  tell() {
    const { width, height, pictures } = this.data;
    const [row, column] = this.at ?? [height, width];
    this.cards.forEach(({ value }, i) => {
      const inside = row < height && column < width; // another network may have smaller images
      const number = inside && exact(pictures[i].values[row * width + column]);
      value.textContent = inside ? `row ${row}, column ${column}: ${number}` : "\u00a0";
    });
  }
}

/** parentElement -> Overlays: kept from one run of the script to the next. */
const mountedOverlays = new WeakMap();

export default function ({ data, parentElement }) {
  if (!data) return undefined;
  if (!mountedOverlays.has(parentElement)) mountedOverlays.set(parentElement, new Overlays(parentElement));
  mountedOverlays.get(parentElement).receive(data);
  return () => {
    mountedOverlays.get(parentElement)?.root.remove();
    mountedOverlays.delete(parentElement);
  };
}
