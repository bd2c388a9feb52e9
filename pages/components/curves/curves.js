// The learning curves of a run and how far it is, which the browser keeps up to date by asking the server itself.

class Curves {
  /** @param {() => void} changed tells Python that the run is no longer as it drew it */
  constructor(parent, changed) {
    this.telling = new Telling(changed);
    this.asking = new Asking((answer) => this.hear(answer));
    this.progress = new ProgressBar();
    this.charts = make("div", { className: "charts" });
    this.root = make("div", { className: "curves" }, this.progress.element, this.charts);
    parent.append(this.root);
    this.curves = [];
  }

  /** What Python knows of the run; from then on, the source is asked. */
  receive({ told, source, every }) {
    this.known = told.state;
    this.telling.answered();
    this.show(told);
    this.asking.begin(source, every);
  }

  hear(answer) {
    if (answer !== this.answer) this.show(JSON.parse(answer));
    this.answer = answer;
    if (this.root.told.state !== this.known) this.telling.tell();
  }

  show(told) {
    this.root.told = told;
    this.progress.element.hidden = !told.progress;
    if (told.progress) this.progress.show(told.progress);
    while (this.curves.length < told.curves.length) this.curves.push(new Curve(this.charts));
    told.curves.forEach((curve, i) => this.curves[i].show(curve));
  }

  destroy() {
    this.asking.end();
    this.curves.forEach((curve) => curve.destroy());
    this.root.remove();
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
