// One component on the page: its sections, its panel, its tooltip, and what the user chose.

const WIDE = 900; // CSS pixels from which the panel has a column of its own
const VIEWS = { tiles: TileGrid, bars: BarsView, picture: PictureView, strip: StripView };

class Tooltip {
  constructor() {
    this.swatch = element("span", { class: "swatch" });
    this.value = element("strong");
    this.name = element("span", { class: "note" });
    this.place = element("span");
    this.element = element("div", { class: "tooltip", role: "tooltip" });
    this.element.append(element("div", {}, this.swatch, this.value, this.name), this.place);
    this.element.hidden = true;
  }

  /** @param {Hint|null} hint */
  show(hint, event) {
    this.element.hidden = !hint;
    if (!hint) return;
    this.swatch.hidden = !hint.colour;
    if (hint.colour) this.swatch.style.backgroundColor = hint.colour;
    setText(this.value, hint.value);
    setText(this.name, hint.name);
    setText(this.place, hint.place);
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const distance = event.pointerType === "touch" ? 36 : 16; // a finger hides more than an arrow
    const fitsRight = event.clientX + distance + width < window.innerWidth;
    const fitsAbove = event.clientY - distance - height > 0;
    const left = fitsRight ? event.clientX + distance : Math.max(0, event.clientX - distance - width);
    const top = fitsAbove ? event.clientY - distance - height : event.clientY + distance;
    this.element.style.transform = `translate(${left}px, ${top}px)`;
  }
}

class Maps {
  constructor(parent) {
    this.selected = null; // {name, index}
    this.asked = null; // the selection Python asked for last, as JSON: only a change of it counts
    this.strength = 60; // percent
    this.structure = null;
    this.views = [];
    this.painter = new LazyPainter();
    this.tooltip = new Tooltip();
    this.detail = new Detail({ close: () => this.close(), setStrength: (percent) => this.setStrength(percent) });
    this.column = element("div", { class: "sections" });
    this.side = element("div", { class: "side" });
    this.root = element("div", { class: "maps" }, this.column, this.side, this.tooltip.element);
    this.listen();
    parent.append(this.root);
    // Asking for the width makes the browser lay out all tiles, so it is asked while there are none, then observed.
    this.width = this.root.clientWidth;
    this.resizing = new ResizeObserver(([entry]) => this.resize(entry.contentRect.width));
    this.resizing.observe(this.root);
  }

  /** New data, or the same again: Python sends everything on each run. */
  receive(message, report) {
    const first = this.structure === null;
    this.report = report;
    this.message = decode(message);
    this.adoptSelection(first);
    if (this.structure !== structure(this.message)) this.build();
    this.update();
  }

  adoptSelection(first) {
    const { selected, remembered } = this.message;
    const asked = JSON.stringify(selected);
    const wanted = first ? remembered ?? selected : selected;
    if (first || asked !== this.asked) this.selected = wanted && { name: wanted[0], index: wanted[1] };
    this.asked = asked;
  }

  build() {
    this.structure = structure(this.message);
    this.leave();
    this.painter.clear();
    const context = { painter: this.painter, choose: (name, index) => this.choose(name, index) };
    this.views = this.message.sections.map((section) => new VIEWS[section.kind](section, context));
    this.column.replaceChildren(...this.views.map((view) => view.element));
  }

  update() {
    this.ratio = window.devicePixelRatio;
    this.leave();
    this.place();
    const { shared, tile, columns, sections } = this.message;
    this.views.forEach((view, at) => view.update(sections[at], { shared, tile, columns, ratio: this.ratio }));
    this.showSelection();
  }

  /** The section and its view that hold the selection, or null (also when new data no longer has it). */
  chosen() {
    const at = this.message.sections.findIndex(({ name, kind, shape }) =>
      kind === "tiles" && name === this.selected?.name && this.selected.index < shape[0]);
    return at === -1 ? null : { section: this.message.sections[at], view: this.views[at] };
  }

  showSelection() {
    const chosen = this.chosen();
    for (const view of this.views) {
      if (view instanceof TileGrid) view.select(view === chosen?.view ? this.selected.index : null);
    }
    const { shared, background } = this.message;
    const { ratio, strength } = this;
    if (chosen) this.detail.show(chosen.section, this.selected.index, { shared, ratio, strength, background });
    else this.detail.showNothing(background, ratio);
    this.place();
  }

  /** The panel has its own column on wide screens, so that opening it moves no tile; else it follows its section. */
  place() {
    const hasTiles = this.views.some((view) => view instanceof TileGrid);
    const wide = this.width >= WIDE && hasTiles;
    const home = wide ? this.side : this.chosen()?.view.element;
    this.root.classList.toggle("wide", wide);
    this.detail.element.hidden = !home;
    if (home && this.detail.element.parentNode !== home) home.append(this.detail.element);
  }

  choose(name, index) {
    if (this.selected?.name === name && this.selected.index === index) return;
    this.selected = { name, index };
    this.showSelection();
    if (!this.root.classList.contains("wide")) this.detail.element.scrollIntoView({ block: "nearest" });
    this.report([name, index]);
  }

  close() {
    const chosen = this.chosen();
    if (!chosen) return;
    const { index } = this.selected;
    this.selected = null;
    this.showSelection();
    chosen.view.focus(index);
    this.report(null);
  }

  setStrength(percent) {
    this.strength = percent;
    this.detail.setStrength(percent);
  }

  listen() {
    this.hovered = null;
    this.onScroll = () => this.leave();
    this.root.addEventListener("pointermove", (event) => this.hover(event));
    this.root.addEventListener("pointerdown", (event) => this.hover(event));
    this.root.addEventListener("pointerleave", () => this.leave());
    this.root.addEventListener("pointercancel", () => this.leave());
    // Scrolling moves the tiles away under a pointer that rests. Scroll events do not bubble: hence the capture.
    window.addEventListener("scroll", this.onScroll, { capture: true, passive: true });
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.selected) return;
      event.stopPropagation();
      this.close();
    });
  }

  hover(event) {
    const target = hoverable.get(event.target) ?? hoverable.get(event.target.closest(".bar")) ?? null;
    if (target !== this.hovered) this.leave();
    this.hovered = target;
    const hint = target && target.hint(event);
    this.tooltip.show(hint, event);
    this.markField(hint?.field);
  }

  leave() {
    this.hovered?.leave();
    this.hovered = null;
    this.tooltip.show(null);
    this.markField(null);
  }

  /** Frame what a map pixel looks at, on the panel's image and on the same image among the sections. */
  markField(field) {
    const background = this.message?.background;
    if (!background) return;
    const [h, w] = background.shape;
    const box = field ? receptiveField(field.geometry, field.row, field.column, h, w) : null;
    this.detail.mark(box);
    for (const view of this.views) {
      if (view instanceof PictureView && view.section?.shape[0] === h && view.section.shape[1] === w) view.mark(box);
    }
  }

  resize(width) {
    this.width = width;
    if (!this.message) return;
    if (window.devicePixelRatio !== this.ratio) {
      this.update();
      return;
    }
    this.place();
    for (const view of this.views) {
      if (view instanceof StripView) view.layOut();
    }
  }

  destroy() {
    window.removeEventListener("scroll", this.onScroll, { capture: true });
    this.resizing.disconnect();
    this.painter.clear();
    this.root.remove();
  }
}

/** parentElement -> Maps: the same place on the page keeps its state from one run to the next. */
const mounted = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  if (!data) return undefined;
  if (!mounted.has(parentElement)) mounted.set(parentElement, new Maps(parentElement));
  const maps = mounted.get(parentElement);
  maps.receive(data, (choice) => setStateValue("selected", choice));
  return () => {
    maps.destroy();
    mounted.delete(parentElement);
  };
}
