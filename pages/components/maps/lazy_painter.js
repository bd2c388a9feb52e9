// @ts-check

/** Draws elements on the screen at once, and others when they are scrolled near. */
export class LazyPainter {
  constructor() {
    /** @type {Map<Element, () => void>} */
    this.jobs = new Map();
    /** @type {Set<Element>} */
    this.visible = new Set();
    /** @type {Set<Element>} */
    this.stale = new Set();
    // The page scrolls inside an element, where only scrollMargin counts, not rootMargin.
    const margins = { rootMargin: "300px", scrollMargin: "300px" };
    this.observer = new IntersectionObserver((entries) => entries.forEach((entry) => this.see(entry)), margins);
  }

  /** @param {Element} node @param {() => void} draw */
  add(node, draw) {
    this.jobs.set(node, draw);
    this.observer.observe(node);
  }

  /** @param {Element} node */
  remove(node) {
    this.observer.unobserve(node);
    this.jobs.delete(node);
    this.visible.delete(node);
    this.stale.delete(node);
  }

  /** @param {Element} node */
  redraw(node) {
    if (this.visible.has(node)) this.jobs.get(node)?.();
    else this.stale.add(node);
  }

  /** @param {IntersectionObserverEntry} entry */
  see({ target, isIntersecting }) {
    if (!isIntersecting) {
      this.visible.delete(target);
      return;
    }
    this.visible.add(target);
    if (this.stale.delete(target)) this.jobs.get(target)?.();
  }

  clear() {
    this.observer.disconnect();
    this.jobs.clear();
    this.visible.clear();
    this.stale.clear();
  }
}
