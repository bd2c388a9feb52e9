// What every section has: its heading with the colour scale, and canvases that are drawn when they are looked at.

class Legend {
  constructor() {
    this.bar = element("span", { class: "scale-bar", "aria-hidden": "true" });
    this.numbers = element("span", { class: "scale-numbers" });
    this.element = element("span", { class: "scale" }, this.bar, this.numbers);
  }

  /** `limit` null: every tile has a scale of its own, so that no number holds for all. */
  update({ signed, limit, rgb = false }) {
    const texts = legendTexts(signed, limit, rgb);
    this.bar.hidden = rgb;
    this.bar.style.background = gradient(signed);
    this.numbers.replaceChildren(...texts.map((text) => element("span", {}, text)));
    this.numbers.classList.toggle("single", texts.length === 1);
  }
}

function legendTexts(signed, limit, rgb) {
  if (limit === null) return ["each on its own scale"];
  if (rgb) return [`grey is 0, full colour is ±${brief(limit)}`];
  return signed ? [brief(-limit), "0", brief(limit)] : ["0", brief(limit)];
}

class Heading {
  constructor() {
    this.name = element("h4");
    this.note = element("p", { class: "note" });
    this.legend = new Legend();
    this.element = element("header", {}, element("div", { class: "title" }, this.name, this.note), this.legend.element);
  }

  /** `scale` null: a section without colours to explain. */
  update({ name, note }, scale = null) {
    setText(this.name, name);
    setText(this.note, note);
    this.legend.element.hidden = !scale;
    if (scale) this.legend.update(scale);
  }
}

/** Draws what is on screen at once, and the rest when it is scrolled near. */
class LazyPainter {
  constructor() {
    this.jobs = new Map();
    this.visible = new Set();
    this.stale = new Set();
    // The page scrolls inside an element of its own: scrollMargin counts there, rootMargin does not.
    const margins = { rootMargin: "300px", scrollMargin: "300px" };
    this.observer = new IntersectionObserver((entries) => entries.forEach((entry) => this.see(entry)), margins);
  }

  add(node, draw) {
    this.jobs.set(node, draw);
    this.observer.observe(node);
  }

  remove(node) {
    this.observer.unobserve(node);
    for (const known of [this.jobs, this.visible, this.stale]) known.delete(node);
  }

  redraw(node) {
    if (this.visible.has(node)) this.jobs.get(node)();
    else this.stale.add(node);
  }

  see({ target, isIntersecting }) {
    if (!isIntersecting) {
      this.visible.delete(target);
      return;
    }
    this.visible.add(target);
    if (this.stale.delete(target)) this.jobs.get(target)();
  }

  clear() {
    this.observer.disconnect();
    for (const known of [this.jobs, this.visible, this.stale]) known.clear();
  }
}
