// A section of bars: rows with names where they are few, narrow columns beyond; of many classes the largest as rows too.

const MOST_ROWS = 12;
const LARGEST_ROWS = 5; // of more classes than there can be rows

/** Where a bar starts and how long it is, in percent of the track; signed tracks have their zero in the middle. */
function barSpan(value, limit, signed) {
  const part = limit > 0 && Number.isFinite(value) ? Math.min(1, Math.abs(value) / limit) : 0;
  if (!signed) return { start: 0, length: value > 0 ? part * 100 : 0 };
  return { start: value < 0 ? 50 - part * 50 : 50, length: part * 50 };
}

const barLimit = ({ unit, limit }) => (unit === "%" ? Math.max(100, limit) : limit);
const withUnit = (text, unit) => (unit ? `${text} ${unit}` : text);
const barLabel = ({ labels }, index) => labels[index] ?? String(index);

/** The places of the values, the largest first, without those that are no numbers. */
function ranking(values) {
  const places = Array.from(values, (_, at) => at).filter((at) => Number.isFinite(values[at]));
  return places.sort((one, other) => values[other] - values[one]);
}

/** Give an element with a fill the length of a value. */
function stretchBar(node, value, limit, signed) {
  const { start, length } = barSpan(value, limit, signed);
  node.style.setProperty("--start", `${start}%`);
  node.style.setProperty("--length", `${length}%`);
  node.classList.toggle("negative", value < 0);
}

class Bar {
  /** @param {boolean} named a row with its name and value, not only a column */
  constructor(named, role) {
    this.label = element("span", { class: "label" });
    this.fill = element("span", { class: "fill" });
    this.value = element("span", { class: "value" });
    const track = element("span", { class: "track" }, this.fill);
    this.element = element("div", { class: "bar", role }, ...(named ? [this.label, track, this.value] : [track]));
  }

  update(section, index, isLargest) {
    const { values, signed, unit, colors } = section;
    this.index = index;
    stretchBar(this.element, values[index], barLimit(section), signed);
    this.element.classList.toggle("top", isLargest);
    this.element.setAttribute("aria-label", `${barLabel(section, index)}: ${withUnit(exact(values[index]), unit)}`);
    this.fill.style.backgroundColor = colors[index] ?? "";
    setText(this.label, barLabel(section, index));
    setText(this.value, withUnit(brief(values[index]), unit));
  }
}

class BarsView {
  /** @param {{explains: boolean, choose(address: Address): void}} context */
  constructor(section, { explains, choose }) {
    this.section = section;
    this.chooses = explains;
    this.choose = choose;
    this.heading = new Heading();
    const count = section.shape[0];
    const many = count > MOST_ROWS;
    const role = explains ? "option" : "listitem";
    this.bars = Array.from({ length: count }, () => new Bar(!many, role));
    this.list = this.makeList(this.bars, many ? "columns" : "rows", explains ? "listbox" : "list");
    const manyClasses = many && section.colors.length > 0;
    this.largest = Array.from({ length: manyClasses ? LARGEST_ROWS : 0 }, () => new Bar(true, "none"));
    this.lists = manyClasses ? [this.list, this.makeList(this.largest, "rows", "none")] : [this.list];
    this.caption = element("p", { class: "note" });
    this.element = element("section", {}, this.heading.element, ...this.lists, this.caption);
    if (explains) this.list.addEventListener("keydown", (event) => this.press(event));
    if (explains) this.rove(0);
  }

  makeList(bars, look, role) {
    for (const bar of bars) {
      hoverable.set(bar.element, { hint: () => this.hint(bar.index), leave() {} });
      if (this.chooses) bar.element.addEventListener("click", () => this.choose(this.addressOf(bar.index)));
    }
    const list = element("div", { class: look, role }, ...bars.map((bar) => bar.element));
    list.classList.toggle("choosable", this.chooses);
    return list;
  }

  addressOf(index) {
    return { section: this.section.name, index, row: 0, column: 0 };
  }

  hint(index) {
    const { values, unit, name } = this.section;
    const value = withUnit(exact(values[index]), unit);
    return { value, name, place: barLabel(this.section, index), address: this.addressOf(index) };
  }

  update(section) {
    this.section = section;
    const ranked = ranking(section.values);
    this.heading.update(section);
    for (const list of this.lists) list.classList.toggle("signed", section.signed);
    this.list.setAttribute("aria-label", `${section.name}, ${section.note}`);
    this.bars.forEach((bar, index) => bar.update(section, index, index === ranked[0]));
    this.largest.forEach((bar, at) => {
      bar.element.hidden = !(at in ranked);
      if (at in ranked) bar.update(section, ranked[at], at === 0);
    });
    const largest = this.bars.length > MOST_ROWS && !this.largest.length ? largestInWords(section, ranked) : "";
    setText(this.caption, [largest, section.caption].filter(Boolean).join(" · "));
    this.caption.hidden = this.caption.textContent === "";
  }

  select(index) {
    if (!this.chooses) return;
    for (const bar of this.bars) bar.element.setAttribute("aria-selected", String(bar.index === index));
    if (index !== null) this.rove(index);
  }

  /** @param {Window|null} window */
  frame(window, kind) {
    for (const bar of [...this.bars, ...this.largest]) {
      bar.element.classList.toggle("framed", bar.index === window?.index);
      bar.element.classList.toggle("read", bar.index === window?.index && kind === "read");
    }
  }

  elementOf(index) {
    return this.bars[index].element;
  }

  focus(index) {
    this.rove(index);
    this.bars[index].element.focus();
  }

  /** Exactly one bar is reached with Tab; the arrow keys go on from there. */
  rove(index) {
    this.bars.forEach((bar, at) => { bar.element.tabIndex = at === index ? 0 : -1; });
  }

  press(event) {
    const index = this.bars.findIndex((bar) => bar.element === event.target);
    if (index === -1 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      this.choose(this.addressOf(index));
    } else {
      const next = neighbour(event.key, index, this.bars.length, 1);
      if (next === null) return;
      this.focus(next);
    }
    event.preventDefault();
  }
}

function largestInWords(section, ranked) {
  if (!ranked.length) return "no finite value";
  return `largest: ${barLabel(section, ranked[0])} with ${withUnit(brief(section.values[ranked[0]]), section.unit)}`;
}
