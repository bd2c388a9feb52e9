// How far something is: what is being done, in words, above a bar.

class ProgressBar {
  constructor() {
    this.text = make("div", { className: "text" });
    this.bar = make("div", { className: "bar" }, make("div"));
    this.bar.setAttribute("role", "progressbar");
    this.element = make("div", { className: "progress" }, this.text, this.bar);
  }

  /** @param {{share: number, text: string}} progress share: 0 to 1 */
  show({ share, text }) {
    this.text.textContent = text;
    this.bar.firstChild.style.width = `${100 * share}%`;
    this.bar.setAttribute("aria-valuenow", Math.round(100 * share));
    this.bar.setAttribute("aria-label", text);
  }
}
