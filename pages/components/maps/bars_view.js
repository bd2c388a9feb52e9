// @ts-check
// A section of bars: named rows for few values, narrow columns for many. For many classes, the largest are also rows.

import { element, setText } from "../common/dom.js";
import { threeDigits, fourDigits, probabilityText, ranking, withUnit } from "../common/numbers.js";
import { barLimit, stretchBar } from "./bar.js";
import { Heading } from "./heading.js";
import { hasModifier, neighbour } from "./keys.js";
import { hoverable } from "./tooltip.js";

/** @typedef {import("./sections.js").Bars} Bars */

const MOST_ROWS = 12;
const LARGEST_ROWS = 5; // rows for the largest of many classes

/** @param {Bars} section @param {number} index */
const barLabel = ({ labels }, index) => labels[index] ?? String(index);

class Bar {
  /** @param {boolean} named whether it is a row with name and value, not a column @param {string} role */
  constructor(named, role) {
    this.index = 0;
    this.label = element("span", { class: "label" });
    this.fill = element("span", { class: "fill" });
    this.value = element("span", { class: "value" });
    const track = element("span", { class: "track" }, this.fill);
    this.element = element("div", { class: "bar", role }, ...(named ? [this.label, track, this.value] : [track]));
  }

  /** @param {Bars} section @param {number} index @param {boolean} isLargest */
  update(section, index, isLargest) {
    const { values, signed, unit, colors } = section;
    this.index = index;
    stretchBar(this.element, values[index], barLimit(section), signed);
    this.element.classList.toggle("top", isLargest);
    this.element.setAttribute("aria-label", `${barLabel(section, index)}: ${withUnit(fourDigits(values[index]), unit)}`);
    this.fill.style.backgroundColor = colors[index] ?? "";
    setText(this.label, barLabel(section, index));
    setText(this.value, unit === "%" ? probabilityText(values[index]) : threeDigits(values[index]));
  }
}

export class BarsView {
  /** @param {Bars} section @param {import("./tile_grid.js").Context} context */
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

  /** @param {Bar[]} bars @param {string} layout CSS class @param {string} role */
  makeList(bars, layout, role) {
    for (const bar of bars) {
      hoverable.set(bar.element, { hint: () => this.hint(bar.index), leave() {} });
      if (this.chooses) bar.element.addEventListener("click", () => this.choose(this.addressOf(bar.index)));
    }
    const list = element("div", { class: layout, role }, ...bars.map((bar) => bar.element));
    list.classList.toggle("choosable", this.chooses);
    return list;
  }

  /** @param {number} index */
  addressOf(index) {
    return { section: this.section.name, index, row: 0, column: 0 };
  }

  /** @param {number} index */
  hint(index) {
    const { values, unit, name } = this.section;
    const value = withUnit(fourDigits(values[index]), unit);
    return { value, name, place: barLabel(this.section, index), address: this.addressOf(index) };
  }

  /** @param {Bars} section */
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
    const largest = this.bars.length > MOST_ROWS && !this.largest.length ? largestAsText(section, ranked) : "";
    setText(this.caption, [largest, section.caption].filter(Boolean).join(" · "));
    this.caption.hidden = this.caption.textContent === "";
  }

  /** @param {number|null} index */
  select(index) {
    if (!this.chooses) return;
    for (const bar of this.bars) bar.element.setAttribute("aria-selected", String(bar.index === index));
    if (index !== null) this.rove(index);
  }

  /** @param {import("./explain.js").Area|null} area @param {import("./plate.js").FrameKind} kind */
  frame(area, kind) {
    for (const bar of [...this.bars, ...this.largest]) {
      const isIn = area !== null && bar.index >= area.first && bar.index < area.first + area.count;
      bar.element.classList.toggle("framed", isIn);
      bar.element.classList.toggle("read", isIn && kind === "read");
    }
  }

  /** @param {number} index */
  elementOf(index) {
    return this.bars[index].element;
  }

  /** @param {number} index */
  focus(index) {
    this.rove(index);
    this.bars[index].element.focus();
  }

  /** Makes this bar the one that Tab reaches; the arrow keys move on from there. @param {number} index */
  rove(index) {
    this.bars.forEach((bar, at) => { bar.element.tabIndex = at === index ? 0 : -1; });
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const index = this.bars.findIndex((bar) => bar.element === event.target);
    if (index === -1 || hasModifier(event)) return;
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

/** @param {Bars} section @param {number[]} ranked */
function largestAsText(section, ranked) {
  if (!ranked.length) return "no finite value";
  return `largest: ${barLabel(section, ranked[0])} with ${withUnit(threeDigits(section.values[ranked[0]]), section.unit)}`;
}
