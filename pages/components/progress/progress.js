// @ts-check
// The progress of work in the background, polled from the server, and a button that cancels the work.

import { fetchText, Poll, Rerun } from "../common/ask.js";
import { component } from "../common/component.js";
import { button, element } from "../common/dom.js";
import { ProgressBar } from "../common/progress_bar.js";

/**
 * @typedef {object} WorkStatus
 * @property {boolean} ended
 * @property {boolean} cancelled
 * @property {import("../common/progress_bar.js").Progress|null} progress null for work the server no longer knows
 * @property {{image: string, caption: string}|null} preview
 */

class Progress {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.rerun = new Rerun(() => python.trigger("ended")); // there is a result to draw
    this.poll = new Poll((answer) => this.show(JSON.parse(answer)));
    this.source = "";
    this.bar = new ProgressBar();
    this.bar.text.id = "doing";
    this.cancel = button("Cancel", () => this.cancelWork(), { "aria-describedby": "doing" }); // tells several Cancel buttons apart
    this.image = element("img");
    this.caption = element("div", { class: "caption" });
    this.preview = element("div", { class: "preview" }, this.image, this.caption);
    const row = element("div", { class: "row" }, this.bar.element, this.cancel);
    this.root = element("div", { class: "work" }, this.preview, row);
    parent.append(this.root);
  }

  /** @param {{status: WorkStatus, source: string, every: number}} data */
  receive({ status, source, every }) {
    this.source = source;
    this.show(status);
    this.poll.begin(source, every);
  }

  /** @param {WorkStatus} status */
  show({ ended, cancelled, progress, preview }) {
    if (progress) this.bar.show(progress);
    this.cancel.disabled = ended || cancelled;
    this.preview.hidden = !preview;
    if (preview) {
      this.image.src = preview.image;
      this.image.alt = this.caption.textContent = preview.caption;
    }
    if (ended) this.rerun.request();
  }

  async cancelWork() {
    this.cancel.disabled = true;
    const answer = await fetchText(`${this.source}/cancel`, { method: "POST" });
    if (answer === null) this.cancel.disabled = false;
    else this.show(JSON.parse(answer));
  }

  destroy() {
    this.poll.end();
    this.root.remove();
  }
}

export default component(Progress);
