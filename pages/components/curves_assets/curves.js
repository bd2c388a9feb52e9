// The learning curves of a run and how far it is, which the browser keeps up to date by asking the server itself.

const PATIENCE = 2000; // ms; a change that Python has not answered for longer is told once more

class Curves {
  constructor(parent, changed) {
    this.changed = changed; // tells Python that the run is no longer as it drew it
    this.bar = make("div", { className: "bar" }, make("div"));
    this.bar.setAttribute("role", "progressbar");
    this.text = make("div", { className: "text" });
    this.progress = make("div", { className: "progress" }, this.text, this.bar);
    this.charts = make("div", { className: "charts" });
    this.root = make("div", { className: "curves" }, this.progress, this.charts);
    parent.append(this.root);
    this.curves = [];
  }

  /** What Python knows of the run; from then on, the source is asked. */
  receive({ told, source, every }) {
    this.known = told.state;
    this.source = source;
    this.every = every;
    this.show(told);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), every);
  }

  async ask() {
    const { source } = this;
    const asked = performance.now();
    if (!document.hidden) {
      const answer = await textOf(source);
      if (source !== this.source) return; // asked in vain: there is another run, or nothing to show it on
      if (answer !== null && answer !== this.answer) this.show(JSON.parse(answer));
      this.answer = answer;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), Math.max(50, this.every - (performance.now() - asked)));
  }

  show(told) {
    this.root.told = told;
    this.progress.hidden = !told.progress;
    if (told.progress) this.showProgress(told.progress);
    while (this.curves.length < told.curves.length) this.curves.push(new Curve(this.charts));
    told.curves.forEach((curve, i) => this.curves[i].show(curve));
    if (told.state !== this.known && performance.now() - (this.toldAt ?? -PATIENCE) >= PATIENCE) {
      this.toldAt = performance.now();
      this.changed();
    }
    if (told.state === this.known) this.toldAt = undefined;
  }

  showProgress({ share, text }) {
    this.text.textContent = text;
    this.bar.firstChild.style.width = `${100 * share}%`;
    this.bar.setAttribute("aria-valuenow", Math.round(100 * share));
    this.bar.setAttribute("aria-label", text);
  }

  destroy() {
    this.source = null;
    clearTimeout(this.timer);
    this.curves.forEach((curve) => curve.destroy());
    this.root.remove();
  }
}

/** What the source answers; null if it cannot, of which the page tells. */
async function textOf(source) {
  try {
    const answer = await fetch(new URL(source, serverRoot()));
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

const mounted = new WeakMap(); // parentElement -> Curves

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return undefined;
  if (!mounted.has(parentElement)) {
    mounted.set(parentElement, new Curves(parentElement, () => setTriggerValue("changed", true)));
  }
  mounted.get(parentElement).receive(data);
  return () => {
    mounted.get(parentElement)?.destroy();
    mounted.delete(parentElement);
  };
}
