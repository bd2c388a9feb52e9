// One component on the page: its sections, its panel, its tooltip, and what the user chose.

const WIDE = 900; // CSS pixels from which the panel has a column of its own
const VIEWS = { tiles: TileGrid, bars: BarsView, picture: PictureView, strip: StripView };

class Maps {
  /** @param {string} key under which the choice is kept while the page is left */
  constructor(parent, key) {
    this.memory = `maps ${key}`;
    this.journey = new Journey();
    this.asked = null; // the selection Python asked for last, as JSON: only a change of it counts
    this.strength = 60; // percent
    this.received = null; // the newest message, as it came
    this.structure = null;
    this.views = [];
    this.painter = new LazyPainter();
    this.tooltip = new Tooltip();
    this.player = new Player({ step: () => this.playOn(), changed: (playing) => this.detail.showPlaying(playing) });
    this.detail = new Detail({
      painter: this.painter,
      close: () => this.close(),
      setStrength: (percent) => this.setStrength(percent),
      togglePlay: () => this.togglePlay(),
      pin: (address) => this.move(address),
      follow: (address) => this.follow(address),
      back: (at) => this.back(at),
    });
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

  /** New data, or the same again, which then stays as it is: Python sends everything on each run. */
  receive(message, report) {
    this.report = report;
    if (this.received && sameBytes(message, this.received)) return;
    const first = this.structure === null;
    this.received = message;
    this.message = decode(message);
    this.adoptSelection(first);
    if (this.structure !== structure(this.message)) this.build();
    this.update();
  }

  /** Where a component is mounted anew (another tab, a page left and entered), it opens where it was. */
  adoptSelection(first) {
    const { selected } = this.message;
    const asked = JSON.stringify(selected);
    const remembered = first ? JSON.parse(sessionStorage.getItem(this.memory)) : null;
    const section = selected && asked !== this.asked ? findSection(this.message, selected[0]) : null;
    if (remembered) this.journey.pin(remembered);
    else if (section) this.journey.pin(strongestPlace(section, selected[1]));
    this.asked = asked;
    this.journey.keep((address) => exists(this.message, address));
  }

  build() {
    this.structure = structure(this.message);
    this.leave();
    this.painter.clear();
    this.detail.clear();
    const { painter } = this;
    const context = { painter, explains: this.message.explains, choose: (address) => this.choose(address) };
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

  /** The view of the section that holds what is pinned, or null. */
  pinnedView() {
    return this.views.find(({ section }) => section.name === this.journey.pinned?.section) ?? null;
  }

  showSelection() {
    const { pinned } = this.journey;
    const chosen = this.pinnedView();
    for (const view of this.views) view.select?.(view === chosen ? pinned.index : null);
    this.place();
    this.showNumber();
  }

  /** The panel, and the frames everywhere else, for the number that is pinned or pointed at. */
  showNumber() {
    const { message, ratio, strength, journey, views, detail } = this;
    const address = journey.shown;
    const settings = { shared: message.shared, ratio, strength, background: message.background };
    const explanation = address && message.explains ? explain(message, address) : null;
    if (!address) detail.showNothing(message.explains, settings);
    else if (explanation) detail.explain(explanation, settings, this.wayTo(address), journey.pinned !== null);
    else detail.show(findSection(message, address.section), address.index, settings);
    frameNumber(views, explanation);
    frameField(message, views, detail, explanation && address);
  }

  wayTo(address) {
    const name = (step) => addressName(findSection(this.message, step.section), step);
    return [...this.journey.trail, address].map(name);
  }

  /** The panel has its own column on wide screens, so that opening it moves no tile; else it follows its section. */
  place() {
    const hasTiles = this.views.some((view) => view instanceof TileGrid);
    this.isWide = this.width >= WIDE && hasTiles;
    const home = this.isWide ? this.side : this.pinnedView()?.element;
    this.root.classList.toggle("wide", this.isWide);
    this.detail.element.hidden = !home;
    if (home && this.detail.element.parentNode !== home) home.append(this.detail.element);
  }

  /** At the end of the page the panel has less room than the window: it shrinks, so that its head stays in view. */
  fit() {
    const room = Math.min(window.innerHeight, this.root.getBoundingClientRect().bottom);
    this.detail.element.style.setProperty("--room", `${room}px`);
  }

  choose(address) {
    if (sameAddress(address, this.journey.pinned)) return;
    const before = this.journey.pinned;
    this.player.stop();
    this.journey.pin(address);
    this.settle(before);
    if (!this.isWide) this.detail.element.scrollIntoView({ block: "nearest" });
    else if (this.message.explains && this.pinnedView() instanceof TileGrid) this.detail.focus();
  }

  /** Show what is pinned now, keep it, and tell Python if it is another tile than before. */
  settle(before) {
    const { pinned } = this.journey;
    this.showSelection();
    sessionStorage.setItem(this.memory, JSON.stringify(pinned));
    const tile = (address) => (address ? [address.section, address.index] : null);
    const isNew = JSON.stringify(tile(before)) !== JSON.stringify(tile(pinned));
    if (this.message.reports && isNew) this.report(tile(pinned));
  }

  close() {
    const { pinned } = this.journey;
    const view = this.pinnedView();
    if (!pinned) return;
    this.player.stop();
    this.journey.release();
    this.settle(pinned);
    view.focus?.(pinned.index);
  }

  /** Pin another number of the same map. */
  move(address) {
    const before = this.journey.shown;
    if (!address || sameAddress(address, this.journey.pinned)) return;
    this.journey.move(address);
    this.settle(before);
  }

  togglePlay() {
    this.move(this.journey.shown);
    this.player.toggle();
  }

  playOn() {
    const { shown } = this.journey;
    const section = shown && findSection(this.message, shown.section);
    if (section) this.move(nextPlace(section, shown));
    else this.player.stop();
  }

  follow(address) {
    const before = this.journey.pinned;
    this.player.stop();
    this.journey.follow(address);
    this.arrive(before);
  }

  back(at) {
    const before = this.journey.pinned;
    this.player.stop();
    this.journey.back(at);
    this.arrive(before);
  }

  arrive(before) {
    this.settle(before);
    const view = this.pinnedView();
    const target = view.elementOf?.(this.journey.pinned.index) ?? view.element;
    target.scrollIntoView({ block: "nearest" });
    this.detail.focus();
  }

  setStrength(percent) {
    this.strength = percent;
    this.detail.setStrength(percent);
  }

  listen() {
    this.hovered = null;
    this.onScroll = () => {
      this.leave();
      this.fit();
    };
    this.root.addEventListener("pointermove", (event) => this.hover(event));
    this.root.addEventListener("pointerdown", (event) => this.hover(event));
    this.root.addEventListener("pointerleave", () => this.leave());
    this.root.addEventListener("pointercancel", () => this.leave());
    // Scrolling moves the tiles away under a pointer that rests. Scroll events do not bubble: hence the capture.
    window.addEventListener("scroll", this.onScroll, { capture: true, passive: true });
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.journey.pinned) return;
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
    if (!hint?.address) return;
    if (!this.message.explains) frameField(this.message, this.views, this.detail, hint.address);
    // A finger does not hover: what it touches is pinned. And on narrow pages, the panel is where the pinned number is.
    else if (event.pointerType !== "touch" && this.isWide && this.journey.point(hint.address)) {
      this.showNumber();
    }
  }

  leave() {
    this.hovered?.leave();
    this.hovered = null;
    this.tooltip.show(null);
    if (this.message && !this.message.explains) frameField(this.message, this.views, this.detail, null);
  }

  resize(width) {
    this.width = width;
    if (!this.message) return;
    if (window.devicePixelRatio !== this.ratio) {
      this.update();
      return;
    }
    this.place();
    this.fit();
    for (const view of this.views) {
      if (view instanceof StripView) view.layOut();
    }
    this.showNumber();
  }

  destroy() {
    window.removeEventListener("scroll", this.onScroll, { capture: true });
    this.player.stop();
    this.resizing.disconnect();
    this.painter.clear();
    this.root.remove();
  }
}

/** parentElement -> Maps: the same place on the page keeps its state from one run to the next. */
const mounted = new WeakMap();

export default function ({ data, parentElement, setStateValue, key }) {
  if (!data) return undefined;
  if (!mounted.has(parentElement)) mounted.set(parentElement, new Maps(parentElement, key));
  const maps = mounted.get(parentElement);
  maps.receive(data, (choice) => setStateValue("selected", choice));
  return () => {
    maps.destroy();
    mounted.delete(parentElement);
  };
}
