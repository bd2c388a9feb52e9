// Sliders and switches that report their amounts while they move.

/** As many digits behind the point as the step has. */
function written({ step }, value) {
  const digits = (String(step).split(".")[1] ?? "").length;
  return value.toFixed(digits).replace("-", "\u2212");
}

const capitalized = (text) => text[0].toUpperCase() + text.slice(1);

class Slider {
  constructor(dial, moved) {
    const { name, low, high, step, unit } = dial;
    this.dial = dial;
    this.input = make("input", { type: "range", min: low, max: high, step });
    this.output = make("output");
    const label = capitalized(unit ? `${name}, ${unit}` : name);
    const head = make("div", { className: "head" }, make("span", { textContent: label }), this.output);
    this.element = make("div", { className: "dial" }, head, this.input);
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", label);
    this.input.setAttribute("aria-label", label);
    this.input.addEventListener("input", () => {
      this.show(this.value);
      moved();
    });
  }

  get value() {
    return Number(this.input.value);
  }

  show(value) {
    this.input.value = value;
    this.output.textContent = written(this.dial, this.value);
    this.input.setAttribute("aria-valuetext", `${this.output.textContent} ${this.dial.unit}`);
    this.element.classList.toggle("neutral", this.value === this.dial.neutral);
  }
}

class Switch {
  constructor({ name, low, high }, moved) {
    this.places = [low, high];
    this.input = make("input", { type: "checkbox" });
    this.input.setAttribute("role", "switch");
    this.input.addEventListener("input", moved);
    this.element = make("label", { className: "switch" }, this.input, capitalized(name));
  }

  get value() {
    return this.places[Number(this.input.checked)];
  }

  show(value) {
    this.input.checked = value === this.places[1];
  }
}

const hasTwoPlaces = ({ low, high, step }) => high - low === step;

class Amounts {
  constructor(parent, send) {
    this.reporter = new Reporter(send);
    this.sliders = make("div", { className: "sliders" });
    this.switches = make("div", { className: "switches" });
    this.root = make("div", { className: "amounts" }, this.sliders, this.switches);
    parent.append(this.root);
  }

  receive({ dials, values, answered }) {
    const structure = JSON.stringify(dials);
    if (structure !== this.structure) {
      this.structure = structure;
      this.build(dials);
      this.controls.forEach((control, at) => control.show(values[dials[at].name]));
    }
    this.reporter.answer(answered);
  }

  build(dials) {
    this.dials = dials;
    const moved = () => this.report();
    this.controls = dials.map((dial) => (hasTwoPlaces(dial) ? new Switch(dial, moved) : new Slider(dial, moved)));
    const elements = (kind) => this.controls.filter((one) => one instanceof kind).map(({ element }) => element);
    const reset = make("button", { type: "button", textContent: "All as it was" });
    reset.addEventListener("click", () => this.reset());
    this.sliders.replaceChildren(...elements(Slider));
    this.switches.replaceChildren(...elements(Switch), reset);
  }

  reset() {
    this.controls.forEach((control, at) => control.show(this.dials[at].neutral));
    this.report();
  }

  report() {
    const values = this.dials.map(({ name }, at) => [name, this.controls[at].value]);
    this.reporter.report(() => Object.fromEntries(values));
  }

  destroy() {
    this.reporter.destroy();
    this.root.remove();
  }
}

export default reporting(Amounts);
