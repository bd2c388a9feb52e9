// What the pointer is over, in words, beside the pointer.

class Tooltip {
  constructor() {
    this.swatch = element("span", { class: "swatch" });
    this.value = element("strong");
    this.name = element("span", { class: "note" });
    this.place = element("span");
    this.element = element("div", { class: "tooltip", role: "tooltip" });
    this.element.append(element("div", {}, this.swatch, this.value, this.name), this.place);
    this.element.hidden = true;
  }

  /** @param {Hint|null} hint */
  show(hint, event) {
    this.element.hidden = !hint;
    if (!hint) return;
    this.swatch.hidden = !hint.colour;
    if (hint.colour) this.swatch.style.backgroundColor = hint.colour;
    setText(this.value, hint.value);
    setText(this.name, hint.name);
    setText(this.place, hint.place);
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const distance = event.pointerType === "touch" ? 36 : 16; // a finger hides more than an arrow
    const fitsRight = event.clientX + distance + width < window.innerWidth;
    const fitsAbove = event.clientY - distance - height > 0;
    const left = fitsRight ? event.clientX + distance : Math.max(0, event.clientX - distance - width);
    const top = fitsAbove ? event.clientY - distance - height : event.clientY + distance;
    this.element.style.transform = `translate(${left}px, ${top}px)`;
  }
}
