// A convolution taken apart: for each input channel patch × kernel = products, as grids of numbers.

// By the side of the kernel: so that a number fits into each cell, and a grid into the panel of a low window.
const GRIDS_PER_LINE = { 3: 3, 5: 2, 7: 1 };
const LARGEST_CELL = { 3: 40, 5: 40, 7: 30 }; // CSS pixels
const SPACE_BETWEEN = 20; // CSS pixels between two grids, where the sign is; maps.css has the same

/**
 * What all rows of one explanation share.
 * @typedef {object} Scene
 * @property {Explanation} found
 * @property {number} side of the kernel
 * @property {number} cell in device pixels
 * @property {number} ratio
 * @property {boolean} shared
 * @property {number} kernelLimit
 * @property {number} productLimit
 */

class ChannelList {
  /** @param {{painter: LazyPainter, follow(address: Address): void}} context */
  constructor(context) {
    this.context = context;
    this.rows = [];
    this.sums = new SumBars((index) => this.rows[index].element.scrollIntoView({ block: "nearest" }));
    this.list = element("div");
    this.element = element("div", {}, this.sums.element, this.list);
  }

  /** @param {{shared: boolean, ratio: number, width: number}} settings width: CSS pixels there are */
  update(found, { shared, ratio, width }) {
    const { section, address, channels } = found;
    const side = section.origin.kernel;
    const perLine = GRIDS_PER_LINE[side];
    const room = (width - (perLine - 1) * SPACE_BETWEEN) / (perLine * side);
    const scene = {
      found, side, shared, ratio,
      cell: Math.floor(Math.min(LARGEST_CELL[side], room) * ratio),
      kernelLimit: tileLimit(section.beside, address.index, shared),
      productLimit: largestLimit(channels.map(({ products }) => summarize(products))),
    };
    if (this.rows.length !== channels.length) this.build(channels.length);
    this.sums.update(found);
    for (const row of this.rows) row.update(scene);
  }

  build(count) {
    for (const row of this.rows) this.context.painter.remove(row.element);
    this.rows = Array.from({ length: count }, (_, index) => new ChannelRow(index, this.context));
    this.list.replaceChildren(...this.rows.map((row) => row.element));
    this.sums.build(count);
  }
}

const FEW_CHANNELS = 3; // which one sees at once

/** What each input channel adds to the sum, as bars; clicking one scrolls to its row. */
class SumBars {
  /** @param {(index: number) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.element = element("div", { class: "columns signed sums" });
    this.bars = [];
  }

  build(count) {
    this.element.hidden = count <= FEW_CHANNELS;
    this.bars = Array.from({ length: this.element.hidden ? 0 : count }, (_, index) => {
      const bar = new Bar(false, "none");
      bar.element.addEventListener("click", () => this.choose(index));
      hoverable.set(bar.element, { hint: () => this.hint(index), leave() {} });
      return bar.element;
    });
    this.element.replaceChildren(...this.bars);
  }

  hint(index) {
    const { source, channels } = this.found;
    return { value: exact(channels[index].sum), name: addressName(source, { index }), place: "sum of its products" };
  }

  update(found) {
    this.found = found;
    const sums = found.channels.map(({ sum }) => sum);
    const { limit } = summarize(sums);
    this.bars.forEach((bar, index) => stretchBar(bar, sums[index], limit, true));
  }
}

/** One input channel. Pointing at a cell tells its one multiplication; clicking it leads to the value it takes. */
class ChannelRow {
  constructor(index, { painter, follow }) {
    this.index = index;
    this.painter = painter;
    this.follow = follow;
    this.name = link("", null, () => follow(this.strongest()), "Follow the largest product to its layer");
    this.sum = element("span", { class: "number-text" });
    this.plates = ["values", "weights", "products"].map((label) => this.makePlate(label));
    const [patch, kernel, products] = this.plates.map((plate) => plate.element);
    const sign = (text) => element("span", { class: "sign", "aria-hidden": "true" }, text);
    const grids = element("div", { class: "grids" }, patch, sign("×"), kernel, sign("="), products);
    const header = element("header", {}, this.name, element("span", {}, "sum ", this.sum));
    this.element = element("div", { class: "channel" }, header, grids);
    painter.add(this.element, () => this.draw());
  }

  makePlate(label) {
    const plate = new Plate();
    plate.canvas.setAttribute("role", "img");
    plate.canvas.setAttribute("aria-label", label);
    plate.canvas.addEventListener("click", (event) => {
      const cell = plate.cellClicked(event);
      const address = cell && this.channel.cells[this.placeOf(cell)];
      if (address) this.follow(address);
    });
    hoverable.set(plate.canvas, { hint: (event) => this.hint(plate.cellUnder(event)), leave: () => this.mark(null) });
    return plate;
  }

  get channel() {
    return this.scene.found.channels[this.index];
  }

  placeOf({ row, column }) {
    return row * this.scene.side + column;
  }

  /** Where the largest product comes from. */
  strongest() {
    const { cells, products } = this.channel;
    const inside = cells.map((_, at) => at).filter((at) => cells[at]);
    return cells[inside.reduce((best, at) => (Math.abs(products[at]) > Math.abs(products[best]) ? at : best))];
  }

  mark(cell) {
    for (const plate of this.plates) plate.mark(cell);
  }

  /** @returns {Hint|null} */
  hint(cell) {
    this.mark(cell);
    if (!cell) return null;
    const { cells, patch, weights, products } = this.channel;
    const at = this.placeOf(cell);
    const { source } = this.scene.found;
    return {
      value: `${exact(patch[at])} × ${exact(weights[at])} = ${exact(products[at])}`,
      name: cells[at] ? addressName(source, cells[at]) : "padding",
      place: cells[at] ? addressPlace(source, cells[at]) : "outside the map: counts as 0",
    };
  }

  update(scene) {
    this.scene = scene;
    const { source } = scene.found;
    const isImage = source.kind === "picture";
    setText(this.name, isImage ? imageChannelName(source, this.index) : addressName(source, { index: this.index }));
    setText(this.sum, exact(this.channel.sum));
    this.sum.title = spoken(this.channel.sum);
    for (const plate of this.plates) plate.resize(arrange(1, scene.side, scene.side, scene.cell, 0), scene.ratio);
    this.painter.redraw(this.element);
  }

  draw() {
    const { found, ratio, shared, kernelLimit, productLimit } = this.scene;
    const { source } = found;
    const { cells, patch, weights, products } = this.channel;
    const isImage = source.kind === "picture";
    const patchLimit = isImage ? 1 : tileLimit(source, this.index, shared);
    const inside = isImage ? colourizeChannel(patch, source, this.index) : colourize(patch, source.signed, patchLimit);
    const pictures = [
      [patch, inside.map((colour, at) => (cells[at] ? colour : GAP_COLOUR)), patchLimit],
      [weights, colourize(weights, true, kernelLimit), kernelLimit],
      [products, colourize(products, true, productLimit), productLimit],
    ];
    this.plates.forEach((plate, at) => {
      const [values, colours, limit] = pictures[at];
      plate.draw(colours);
      plate.print(values, colours, ratio, limit);
    });
  }
}

const imageChannelName = ({ name, shape }, index) => (shape[2] === 3 ? `${name}, ${CHANNEL_NAMES[index]}` : name);

/** Shares of full brightness in the colour of their channel: red, green or blue; grey in a grayscale image. */
function colourizeChannel(values, { shape }, index) {
  return Uint32Array.from(values, (value) => {
    const byte = Math.round(255 * value);
    if (shape[2] === 1) return pixel(byte, byte, byte);
    return pixel(...[0, 1, 2].map((channel) => (channel === index ? byte : 0)));
  });
}

function convSentence({ channels, source, section, reads }) {
  const { kernel } = section.origin;
  const { height, width } = extent(source);
  const from = source.kind === "picture" ? `the image${channels.length === 3 ? "’s three colours" : ""}`
    : `${channels.length === 1 ? "the map" : `the ${channels.length} maps`} of ${source.name}`;
  const over = [[reads.row, height], [reads.column, width]].some(([at, length]) => at < 0 || at + kernel > length);
  const padding = over ? " Grey: outside, where padding counts as 0." : "";
  return `Values of ${from} under the filter, times its weights.${padding}`;
}

/** @returns {Telling} */
function tellConv(found) {
  const { sum, bias, value } = found;
  return {
    equation: equation(["", sum, "all products"], [...added(bias), "bias"], [equals(found), value, "this number"]),
    sentence: convSentence(found),
  };
}
