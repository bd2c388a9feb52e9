// A section of tiles: a listbox whose options are canvases.

const LARGEST_TILE = 2; // times the wanted tile size; larger maps are shown smaller
const MANY_PANES = 36; // more than these get thinner gaps
const SPACE_BESIDE = 6; // CSS pixels between a companion and its tile; maps.css has the same

const tileLimit = (block, index, shared) => (shared ? block.limit : block.summaries[index].limit);

/** The colours of one tile; `block` is a section of tiles, or the companions of one. */
function tileColours(block, index, { signed, rgb, shared }) {
  const values = tileValues(block, index);
  const limit = tileLimit(block, index, shared);
  return rgb ? colourizeRgb(values, limit) : colourize(values, signed, limit);
}

/** Panes of a tile as drawn: a colour picture has one pane for its three channels. */
const panesOf = (block, rgb) => (rgb ? 1 : block.shape[1]);

/** What is under the pointer, in words. @returns {Hint} */
function cellHint(block, index, { pane, row, column }, { signed, rgb, shared }, name) {
  const [, k, h, w] = block.shape;
  const values = tileValues(block, index);
  const at = row * w + column;
  const place = `row ${row}, column ${column}`;
  if (rgb) {
    const [red, green, blue] = [0, 1, 2].map((channel) => exact(values[channel * h * w + at]));
    return { value: `R ${red}  G ${green}  B ${blue}`, name, place };
  }
  const value = values[pane * h * w + at];
  const [colour] = colourize([value], signed, tileLimit(block, index, shared));
  return {
    value: exact(value),
    name,
    place: k > 1 ? `${place} · input channel ${pane}` : place,
    colour: swatchColour(colour),
  };
}

function tileHint(section, index, cell, shared) {
  const { signed, rgb, labels, name } = section;
  const hint = cellHint(section, index, cell, { signed, rgb, shared }, `${name} · ${labels[index]}`);
  return { ...hint, address: { section: name, index, row: cell.row, column: cell.column } };
}

function companionHint(section, index, cell, shared) {
  const options = { signed: true, rgb: section.besideRgb, shared };
  return cellHint(section.beside, index, cell, options, `filter of ${section.name} · ${section.labels[index]}`);
}

/** One line on a tile's numbers. */
function spokenNumbers({ min, mean, max, odd }) {
  const numbers = `minimum ${exact(min)}, mean ${exact(mean)}, maximum ${exact(max)}`;
  return odd ? `${numbers}, ${odd} not finite` : numbers;
}

class Tile {
  constructor(grid, index) {
    this.grid = grid;
    this.index = index;
    this.plate = new Plate((cell) => tileHint(grid.section, index, cell, grid.shared));
    this.companion = grid.section.beside && new Plate((cell) => companionHint(grid.section, index, cell, grid.shared));
    this.label = element("span", { class: "label" });
    this.caption = element("span", { class: "caption" });
    this.badge = element("span", { class: "badge" }, "dead");
    this.plate.element.append(this.badge);
    const plates = element("span", { class: "plates" });
    if (this.companion) plates.append(this.companion.element);
    plates.append(this.plate.element);
    this.element = element(
      "div",
      { class: "tile", role: "option", tabindex: "-1", "aria-selected": "false" },
      plates,
      element("span", { class: "names" }, this.label, this.caption),
    );
  }

  update({ labels, captions, dim, name, summaries }) {
    const dead = dim[this.index] ?? false;
    const caption = captions[this.index] ?? "";
    setText(this.label, labels[this.index]);
    setText(this.caption, caption);
    this.badge.hidden = !dead;
    this.element.classList.toggle("dead", dead);
    const parts = [`${name} ${labels[this.index]}`, caption, dead ? "dead" : "", spokenNumbers(summaries[this.index])];
    this.element.setAttribute("aria-label", parts.filter(Boolean).join(", "));
  }

  draw() {
    const { section, shared } = this.grid;
    this.plate.draw(tileColours(section, this.index, { ...section, shared }));
    if (!this.companion) return;
    this.companion.draw(tileColours(section.beside, this.index, { signed: true, rgb: section.besideRgb, shared }));
  }
}

class TileGrid {
  /** @param {{painter: LazyPainter, choose(address: Address): void}} context */
  constructor(section, context) {
    this.section = section;
    this.context = context;
    this.heading = new Heading();
    this.tiles = Array.from({ length: section.shown }, (_, index) => new Tile(this, index));
    this.list = element("div", { class: "tiles", role: "listbox" }, ...this.tiles.map((tile) => tile.element));
    this.element = element("section", {}, this.heading.element, this.list);
    this.list.addEventListener("click", (event) => this.choose(event));
    this.list.addEventListener("keydown", (event) => this.press(event));
    for (const tile of this.tiles) context.painter.add(tile.element, () => tile.draw());
    this.rove(0);
  }

  update(section, { shared, tile: size, columns, ratio }) {
    const { signed, rgb, limit } = section;
    this.section = section;
    this.shared = shared;
    this.heading.update(section, { signed, rgb, limit: shared ? limit : null });
    this.list.setAttribute("aria-label", `${section.name}, ${section.note}`);
    this.layOut(size, columns, ratio);
    for (const tile of this.tiles) {
      tile.update(section);
      this.context.painter.redraw(tile.element);
    }
  }

  layOut(size, columns, ratio) {
    const { section } = this;
    const plan = (block, rgb, target) => {
      const panes = panesOf(block, rgb);
      const [, , h, w] = block.shape;
      const gap = Math.round(ratio * (panes > MANY_PANES ? 1 : 2));
      return arrange(panes, h, w, cellFor(panes, h, w, target * ratio, gap), gap);
    };
    const mosaic = plan(section, section.rgb, size);
    const companion = section.beside && plan(section.beside, section.besideRgb, size / 2);
    for (const tile of this.tiles) {
      tile.plate.resize(mosaic, ratio, size * LARGEST_TILE);
      tile.companion?.resize(companion, ratio);
    }
    const lengths = [this.tiles[0].plate, this.tiles[0].companion].filter(Boolean).map((plate) => plate.cssWidth);
    const width = lengths.reduce((sum, length) => sum + SPACE_BESIDE + length, -SPACE_BESIDE);
    this.list.style.overflowX = columns ? "auto" : "";
    this.list.style.gridTemplateColumns = `repeat(${columns ?? "auto-fill"}, ${Math.max(size, width)}px)`;
  }

  select(index) {
    this.tiles.forEach((tile, at) => tile.element.setAttribute("aria-selected", String(at === index)));
    if (index in this.tiles) this.rove(index);
  }

  /** Frame a part of one map, or with index null of every map. @param {Window|null} window */
  frame(window, kind) {
    this.tiles.forEach(({ plate }, at) => plate.frame([null, at].includes(window?.index) ? window : null, kind));
  }

  /** The element of a tile, if it is drawn. */
  elementOf(index) {
    return this.tiles[index]?.element ?? this.element;
  }

  focus(index) {
    this.rove(index);
    this.tiles[index].element.focus();
  }

  /** Exactly one tile is reached with Tab; the arrow keys go on from there. */
  rove(index) {
    this.tiles.forEach((tile, at) => { tile.element.tabIndex = at === index ? 0 : -1; });
  }

  indexOf(event) {
    return this.tiles.findIndex((tile) => tile.element.contains(event.target));
  }

  choose(event) {
    const index = this.indexOf(event);
    if (index === -1) return;
    this.rove(index);
    const { plate } = this.tiles[index];
    const cell = event.target === plate.canvas && plate.cellClicked(event);
    this.context.choose(cell
      ? { section: this.section.name, index, row: cell.row, column: cell.column }
      : strongestPlace(this.section, index));
  }

  press(event) {
    const index = this.indexOf(event);
    if (index === -1 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      this.choose(event);
    } else {
      const next = neighbour(event.key, index, this.tiles.length, this.tilesPerRow());
      if (next === null) return;
      this.focus(next);
    }
    event.preventDefault();
  }

  tilesPerRow() {
    const top = this.tiles[0].element.offsetTop;
    const second = this.tiles.findIndex((tile) => tile.element.offsetTop > top);
    return second === -1 ? this.tiles.length : second;
  }
}

/** The tile an arrow key leads to (the same one at the border), or null for any other key. */
function neighbour(key, index, count, perRow) {
  const arrows = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow, ArrowDown: perRow };
  const steps = { ...arrows, Home: -index, End: count - 1 - index };
  if (!Object.hasOwn(steps, key)) return null;
  const next = index + steps[key];
  return next >= 0 && next < count ? next : index;
}
