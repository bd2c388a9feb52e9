// An image to paint on, with pointer, pen, finger or keys. Message: 4 bytes header length, JSON header, the image's
// pixels, the painting.

const HELP = "Arrow keys move the brush, the space bar paints";
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function decode(message) {
  const bytes = message.slice(); // the message may be a window into a longer buffer
  const end = 4 + new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end)));
  const [height, width, channels] = header.shape;
  const size = height * width * channels;
  const painting = new Painting(height, width, channels, bytes.slice(end + size));
  return { ...header, pixels: bytes.subarray(end, end + size), painting };
}

const css = (color) => `rgb(${color.length === 3 ? color : [color, color, color]})`;
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

class Brush {
  constructor(parent, send) {
    this.reporter = new Reporter(send);
    this.isDown = false;
    this.heading = make("h4");
    this.canvas = make("canvas", { tabIndex: 0, title: HELP });
    this.canvas.setAttribute("role", "application");
    this.tip = make("div", { className: "tip" }); // what the brush would cover
    this.where = make("output", { className: "where" }); // for those who hear where the brush is
    this.stage = make("div", { className: "stage" }, this.canvas, this.tip, this.where);
    this.swatches = make("div", { className: "swatches" });
    this.swatches.setAttribute("role", "radiogroup");
    this.swatches.setAttribute("aria-label", "Colour of the brush");
    this.size = make("input", { type: "range", min: 1 });
    this.undo = this.button("Undo", () => this.painting.undo());
    this.clear = this.button("Clear", () => this.painting.clear());
    const size = make("label", { className: "size" }, "Size", this.size);
    const tools = make("div", { className: "tools" }, size, this.undo, this.clear);
    this.root = make("div", { className: "brush" }, this.heading, this.stage, this.swatches, tools);
    this.listen();
    parent.append(this.root);
  }

  button(textContent, change) {
    const button = make("button", { type: "button", textContent });
    button.addEventListener("click", () => {
      change();
      this.changed();
    });
    return button;
  }

  /** What is painted here is newer than what Python knows of it: it is taken over with another image only. */
  receive(message) {
    const data = decode(message);
    if (data.image !== this.image) this.adopt(data);
    this.reporter.answer(data.answered);
  }

  adopt({ image, name, shape: [height, width, channels], colors, pixels, painting }) {
    this.end();
    if (width !== this.canvas.width || !this.image) {
      this.size.max = Math.ceil(width / 3);
      this.size.value = Math.round(width / 12);
      this.place = [width / 2, height / 2];
    }
    Object.assign(this, { image, pixels, painting, colors });
    Object.assign(this.canvas, { width, height });
    this.heading.textContent = name;
    this.canvas.setAttribute("aria-label", `${name}. ${HELP}`);
    this.stage.style.setProperty("--columns", width);
    if (this.channels !== channels) this.offer(Object.keys(colors), channels === 3);
    this.channels = channels;
    for (const { input } of this.offered) input.style.setProperty("--color", css(this.colors[input.value]));
    this.draw();
  }

  /** A swatch for each colour, and one for a colour of one's own. */
  offer(names, ownColor) {
    this.offered = names.map((value) => {
      const input = make("input", { type: "radio", name: "color", value, title: value });
      input.setAttribute("aria-label", value);
      return { input, element: make("label", {}, input, value === "erase" ? value : "") };
    });
    this.offered[0].input.checked = true;
    this.own = make("input", { type: "color", value: "#e08030", title: "a colour of your own" });
    this.own.setAttribute("aria-label", this.own.title);
    this.own.addEventListener("input", () => this.offered.forEach(({ input }) => (input.checked = false)));
    this.swatches.replaceChildren(...this.offered.map(({ element }) => element), ...(ownColor ? [this.own] : []));
  }

  get color() {
    const chosen = this.offered.find(({ input }) => input.checked);
    return chosen ? this.colors[chosen.input.value] : rgb(this.own.value);
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.place = this.under(event);
      this.begin();
    });
    canvas.addEventListener("pointermove", (event) => {
      const passed = event.getCoalescedEvents();
      for (const one of passed.length ? passed : [event]) this.go(this.under(one));
    });
    for (const name of ["pointerup", "pointercancel", "blur"]) canvas.addEventListener(name, () => this.end());
    canvas.addEventListener("keydown", (event) => this.press(event));
    canvas.addEventListener("keyup", (event) => event.key === " " && this.end());
    this.size.addEventListener("input", () => this.showTip());
  }

  press(event) {
    const move = MOVES[event.key];
    if (event.key === " ") {
      if (!this.isDown) this.begin();
    } else if (move) {
      const hold = (value, most) => Math.min(most - 0.5, Math.max(0.5, Math.floor(value) + 0.5));
      const [x, y] = this.place;
      this.go([hold(x + move[0], this.canvas.width), hold(y + move[1], this.canvas.height)]);
      this.where.textContent = `row ${Math.floor(this.place[1])}, column ${Math.floor(this.place[0])}`;
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      this.undo.click();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The point of the image under the pointer, in its pixels. */
  under({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return [
      ((clientX - box.left) / box.width) * this.canvas.width,
      ((clientY - box.top) / box.height) * this.canvas.height,
    ];
  }

  begin() {
    this.isDown = true;
    this.painting.remember();
    this.go(this.place);
  }

  go(place) {
    const from = this.place;
    this.place = place;
    this.showTip();
    if (!this.isDown) return;
    this.painting.line(from, place, Number(this.size.value), this.color);
    this.changed();
  }

  end() {
    if (!this.isDown) return;
    this.isDown = false;
    this.changed();
  }

  changed() {
    this.draw();
    this.reporter.report(() => ({ image: this.image, painting: this.painting.base64(), down: this.isDown }));
  }

  draw() {
    this.canvas.getContext("2d").putImageData(this.painting.over(this.pixels), 0, 0);
    this.undo.disabled = !this.painting.past.length;
    this.clear.disabled = this.painting.isEmpty;
    this.showTip();
  }

  showTip() {
    const { width, height } = this.canvas;
    const [x, y] = this.place;
    const size = Number(this.size.value);
    const box = { left: (x - size / 2) / width, top: (y - size / 2) / height, width: size / width, height: size / height };
    for (const [name, share] of Object.entries(box)) this.tip.style[name] = `${100 * share}%`;
    this.size.setAttribute("aria-valuetext", `${size} pixels`);
  }

  destroy() {
    this.reporter.destroy();
    this.root.remove();
  }
}

export default reporting(Brush);
