// @ts-check
// Sliders and switches that report their values while they move.

import { component } from "../common/component.js";
import { button, element } from "../common/dom.js";
import { Reporter } from "../common/reporter.js";
import { capitalized, hasTwoValues, formatted } from "./dials.js";

/**
 * @typedef {import("./dials.js").Dial} Dial
 * @typedef {{element: HTMLElement, value: number, show(value: number): void}} Control
 */

/** @implements {Control} */
class Slider {
  /** @param {Dial} dial @param {() => void} onMove */
  constructor(dial, onMove) {
    const { name, low, high, step } = dial;
    const label = capitalized(name);
    this.dial = dial;
    this.input = element("input", { type: "range", min: low, max: high, step, "aria-label": label });
    this.output = element("output");
    const head = element("div", { class: "head" }, element("span", {}, label), this.output);
    this.element = element("div", { class: "dial", role: "group", "aria-label": label }, head, this.input);
    this.input.addEventListener("input", () => {
      this.show(this.value);
      onMove();
    });
  }

  get value() {
    return Number(this.input.value);
  }

  /** @param {number} value */
  show(value) {
    this.input.value = String(value);
    this.output.textContent = formatted(this.dial, this.value);
    this.input.setAttribute("aria-valuetext", this.output.textContent ?? "");
    this.element.classList.toggle("neutral", this.value === this.dial.neutral);
  }
}

/** @implements {Control} */
class Switch {
  /** @param {Dial} dial @param {() => void} onMove */
  constructor({ name, low, high }, onMove) {
    this.values = [low, high];
    this.input = element("input", { type: "checkbox", role: "switch" });
    this.input.addEventListener("input", onMove);
    this.element = element("label", { class: "switch" }, this.input, capitalized(name));
  }

  get value() {
    return this.values[Number(this.input.checked)];
  }

  /** @param {number} value */
  show(value) {
    this.input.checked = value === this.values[1];
  }
}

class Amounts {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.reporter = new Reporter((report) => python.setState("report", report));
    this.sliders = element("div", { class: "sliders" });
    this.switches = element("div", { class: "switches" });
    this.root = element("div", { class: "amounts" }, this.sliders, this.switches);
    this.structure = "";
    /** @type {Dial[]} */
    this.dials = [];
    /** @type {Control[]} */
    this.controls = [];
    parent.append(this.root);
  }

  /** @param {{dials: Dial[], values: Record<string, number>, answered: number}} data */
  receive({ dials, values, answered }) {
    const structure = JSON.stringify(dials);
    if (structure !== this.structure) {
      this.structure = structure;
      this.build(dials);
      this.controls.forEach((control, at) => control.show(values[dials[at].name]));
    }
    this.reporter.answer(answered);
  }

  /** @param {Dial[]} dials */
  build(dials) {
    this.dials = dials;
    const onMove = () => this.report();
    this.controls = dials.map((dial) => (hasTwoValues(dial) ? new Switch(dial, onMove) : new Slider(dial, onMove)));
    /** @param {Function} Kind */
    const elements = (Kind) => this.controls.filter((one) => one instanceof Kind).map((one) => one.element);
    const reset = button("Reset", () => this.reset());
    const switches = elements(Switch);
    this.sliders.replaceChildren(...elements(Slider));
    this.switches.replaceChildren(...switches);
    (switches.length ? this.switches : this.sliders).append(reset);
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

export default component(Amounts);
