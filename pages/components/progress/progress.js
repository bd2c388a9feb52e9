// How far work beside the page is, which the browser asks the server for by itself, with a way to cancel it.

class Progress {
  /** @param {() => void} ended tells Python that there is a result to draw */
  constructor(parent, ended) {
    this.telling = new Telling(ended);
    this.asking = new Asking((answer) => this.show(JSON.parse(answer)));
    this.bar = new ProgressBar();
    this.bar.text.id = "doing";
    this.cancel = make("button", { type: "button", textContent: "Cancel" });
    this.cancel.setAttribute("aria-describedby", "doing"); // there may be several
    this.cancel.addEventListener("click", () => this.stop());
    this.image = make("img");
    this.caption = make("div", { className: "caption" });
    this.preview = make("div", { className: "preview" }, this.image, this.caption);
    const row = make("div", { className: "row" }, this.bar.element, this.cancel);
    this.root = make("div", { className: "work" }, this.preview, row);
    parent.append(this.root);
  }

  receive({ told, source, every }) {
    this.source = source;
    this.show(told);
    this.asking.begin(source, every);
  }

  show({ ended, cancelled, progress, preview }) {
    if (progress) this.bar.show(progress); // of work that is long gone, nothing is known
    this.cancel.disabled = ended || cancelled;
    this.preview.hidden = !preview;
    if (preview) {
      this.image.src = preview.image;
      this.image.alt = this.caption.textContent = preview.caption;
    }
    if (ended) this.telling.tell();
  }

  async stop() {
    this.cancel.disabled = true;
    const answer = await answerOf(`${this.source}/cancel`, { method: "POST" });
    if (answer === null) this.cancel.disabled = false;
    else this.show(JSON.parse(answer));
  }

  destroy() {
    this.asking.end();
    this.root.remove();
  }
}

const mounted = new WeakMap(); // parentElement -> Progress

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return undefined;
  if (!mounted.has(parentElement)) {
    mounted.set(parentElement, new Progress(parentElement, () => setTriggerValue("ended", true)));
  }
  mounted.get(parentElement).receive(data);
  return () => {
    mounted.get(parentElement)?.destroy();
    mounted.delete(parentElement);
  };
}
