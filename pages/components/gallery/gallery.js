// A grid of images; one of them is chosen. Message: 4 bytes header length, JSON header, then the pixels.

function decode(message) {
  const bytes = message.slice(); // the message may be a window into a longer buffer
  const end = 4 + new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end)));
  return { ...header, pixels: bytes.subarray(end) };
}

/** Paint image `at` of (n, h, w, c) pixels; CSS scales it up, every pixel a crisp square. */
function paint(canvas, { pixels, shape: [, h, w, c] }, at) {
  canvas.width = w;
  canvas.height = h;
  const image = new ImageData(w, h);
  const start = at * h * w * c;
  for (let i = 0; i < h * w; i++) {
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * i + channel] = pixels[start + i * c + (c === 3 ? channel : 0)];
    }
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

class Gallery {
  constructor(parent) {
    this.root = document.createElement("div");
    this.root.className = "gallery";
    this.root.setAttribute("role", "listbox");
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    parent.append(this.root);
    this.items = [];
  }

  receive(message, report) {
    this.report = report;
    this.data = decode(message);
    const { ids, size, label } = this.data;
    this.root.style.setProperty("--size", `${size}px`);
    this.root.setAttribute("aria-label", label);
    while (this.items.length < ids.length) this.add(this.items.length);
    this.items.splice(ids.length).forEach((item) => item.remove());
    this.items.forEach((item, at) => this.fill(item, at));
    this.frame(this.data.selected);
  }

  add(at) {
    const item = document.createElement("div");
    item.className = "item";
    item.setAttribute("role", "option");
    item.append(document.createElement("canvas"), document.createElement("span"));
    item.addEventListener("click", () => this.choose(at));
    this.items.push(item);
    this.root.append(item);
  }

  fill(item, at) {
    const { captions, titles, colors } = this.data;
    const [canvas, caption] = item.children;
    paint(canvas, this.data, at);
    caption.textContent = captions[at];
    item.title = titles[at];
    item.setAttribute("aria-label", `${captions[at]}, ${titles[at]}`);
    item.style.setProperty("--color", colors[at]);
  }

  /** Mark one image as the chosen one; Tab enters the grid there, or at its first image. */
  frame(id) {
    const chosen = this.data.ids.indexOf(id);
    this.items.forEach((item, at) => {
      item.setAttribute("aria-selected", at === chosen);
      item.tabIndex = at === Math.max(chosen, 0) ? 0 : -1;
    });
  }

  choose(at) {
    this.frame(this.data.ids[at]);
    this.report(this.data.ids[at]);
  }

  onKey(event) {
    const at = this.items.indexOf(event.target);
    if (at === -1) return;
    const columns = getComputedStyle(this.root).gridTemplateColumns.split(" ").length;
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    if (event.key === "Enter" || event.key === " ") this.choose(at);
    else if (event.key in moves) this.items[at + moves[event.key]]?.focus();
    else return;
    event.preventDefault();
  }
}

/** parentElement -> Gallery: kept from one run of the script to the next. */
const mounted = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  if (!data) return undefined;
  if (!mounted.has(parentElement)) mounted.set(parentElement, new Gallery(parentElement));
  const gallery = mounted.get(parentElement);
  gallery.receive(data, (id) => setStateValue("chosen", id));
  return () => {
    gallery.root.remove();
    mounted.delete(parentElement);
  };
}
