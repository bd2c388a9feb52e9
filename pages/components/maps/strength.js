// How strongly a map covers the image it is laid over.

/** From the bare image (0 %) to the bare map (100 %). */
class StrengthSlider {
  constructor(setStrength) {
    const end = (text, percent) => {
      const button = element("button", { type: "button" }, text);
      button.addEventListener("click", () => setStrength(percent));
      return button;
    };
    this.input = element("input", { type: "range", min: "0", max: "100", step: "1", "aria-label": "Overlay strength" });
    this.input.addEventListener("input", () => setStrength(Number(this.input.value)));
    this.output = element("output");
    this.element = element("div", { class: "strength" }, end("image", 0), this.input, end("map", 100), this.output);
  }

  show(percent) {
    this.input.value = String(percent);
    setText(this.output, `${percent} %`);
  }
}
