// @ts-check
// The whole network at a glance: its layers as columns, from the image to the answer. Hovering a map shows what it is
// computed from and what it feeds; a click opens it below.

import { element, setText, svg } from "../common/dom.js";
import { layOut, linksInto } from "./columns.js";
import { GlanceColumn } from "./glance_column.js";

/**
 * @typedef {import("./columns.js").Column} Column
 * @typedef {import("./sections.js").Address} Address
 * @typedef {import("./sections.js").Message} Message
 *
 * order: section -> its maps or units in the order to draw them. evidence: section -> what each says for the class
 * `target`, in its logit.
 * @typedef {object} GlanceData
 * @property {Column[]} columns
 * @property {Record<string, import("../common/message.js").NumberArray>} order
 * @property {Record<string, import("../common/message.js").NumberArray>} evidence
 * @property {string} target
 *
 * @typedef {object} Actions
 * @property {(address: Address) => void} open a map or unit
 * @property {(section: string) => void} enlarge a layer
 */

const ABOVE = 318; // CSS pixels above and below the maps: the page's title, the line with the image, headers, footers
const [LEAST_HEIGHT, MOST_HEIGHT] = [250, 760]; // CSS pixels
const LEAST_WIDTH = 400; // CSS pixels: on a phone, the glance may be as high as this
const MOST_LINKS = 48; // the strongest ones on each side
const SCALES = { shared: "All maps of a layer share one colour scale.", own: "Each map has its own colour scale." };
const HOW = "Point at a map: lines lead to what it is computed from and what it feeds (red: positive, blue: negative). "
  + "Click it to see how its numbers come about.";

export class Glance {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    /** @type {GlanceColumn[]} */
    this.columns = [];
    /** @type {Message|null} */
    this.message = null;
    this.built = ""; // what the columns were built for
    this.lines = svg("svg", { class: "links", "aria-hidden": "true" });
    this.row = element("div", { class: "glance-row" }, this.lines);
    this.box = element("div", { class: "glance-box" }, this.row);
    this.note = element("p", { class: "note" });
    this.element = element("div", { class: "glance", role: "group", "aria-label": "The network at a glance" }, this.box, this.note);
    this.row.addEventListener("pointerleave", () => this.point(null, 0));
    this.box.addEventListener("scroll", () => this.showWhereItGoesOn(), { passive: true });
  }

  /** @param {Message} message @param {number} width of the box, in CSS pixels */
  update(message, width) {
    const { glance } = message;
    this.message = message;
    this.element.hidden = !glance;
    if (!glance) return;
    const room = Math.max(LEAST_HEIGHT, window.innerHeight - ABOVE);
    const height = Math.min(MOST_HEIGHT, room, Math.max(width, LEAST_WIDTH)); // on a tablet no higher than wide
    const kept = this.columns.map(({ layer }) => layer); // of each column, the layer that the user has chosen to see
    const built = JSON.stringify([glance.columns, width, height]);
    if (built !== this.built) this.build(glance);
    this.built = built;
    this.columns.forEach((column, at) => column.choose(kept[at]));
    this.arrange(width, height);
    const sideways = this.showsAll() ? "" : "Scroll sideways to see all layers. ";
    setText(this.note, `${sideways}${message.shared ? SCALES.shared : SCALES.own} ${HOW}`);
  }

  /** @param {GlanceData} glance */
  build(glance) {
    this.columns = glance.columns.map((column, at) => new GlanceColumn(column, {
      open: (section, index) => this.open(section, index),
      enlarge: (section) => this.actions.enlarge(section),
      point: (index) => this.point(at, index),
      changed: () => this.fill(),
    }));
    this.row.replaceChildren(this.lines, ...this.columns.map((column) => column.element));
  }

  /** @param {number} width @param {number} height */
  arrange(width, height) {
    const { message } = this;
    if (!message) return;
    const contents = this.columns.map((column) => ({ kind: column.kind, count: column.count(message) }));
    this.layout = layOut(contents, width, height);
    this.row.style.width = `${Math.max(width, this.layout.width)}px`;
    this.fill();
    this.showWhereItGoesOn();
  }

  showsAll() {
    return this.box.scrollWidth <= this.box.clientWidth + 1;
  }

  /** Fades the edges beyond which there is more of the network, as on a phone. */
  showWhereItGoesOn() {
    const { scrollLeft, clientWidth, scrollWidth } = this.box;
    this.box.classList.toggle("goes-left", scrollLeft > 1);
    this.box.classList.toggle("goes-right", scrollLeft + clientWidth < scrollWidth - 1);
  }

  fill() {
    const { message, layout } = this;
    if (!message || !message.glance || !layout) return;
    this.columns.forEach((column, at) => column.fill(message, layout.places[at], layout));
    this.point(null, 0);
  }

  /** @param {string} section @param {number} index */
  open(section, index) {
    this.actions.open({ section, index, row: 0, column: 0 });
  }

  /** Draws the links of a map or unit; null: none. @param {number|null} at of the column @param {number} index */
  point(at, index) {
    this.lines.replaceChildren();
    for (const column of this.columns) column.highlight(null);
    if (at === null || !this.message) return;
    const into = linksInto(this.message, this.columns[at].column, index);
    const own = this.columns[at];
    own.highlight(index);
    this.connect(this.columns[at - 1], own, [...into].map(([from, strength]) => [from, index, strength]));
    const next = this.columns[at + 1];
    if (!next) return;
    /** @type {[number, number, number][]} */
    const out = [];
    for (const unit of next.units) {
      const strength = linksInto(this.message, next.column, unit.index).get(own.kind === "image" ? 0 : index);
      if (strength) out.push([index, unit.index, strength]);
    }
    this.connect(own, next, out);
  }

  /** @param {GlanceColumn|undefined} from @param {GlanceColumn} to @param {number[][]} links from, to, strength */
  connect(from, to, links) {
    if (!from) return;
    const drawn = links.filter(([, , strength]) => strength).sort((one, other) => Math.abs(other[2]) - Math.abs(one[2]));
    const largest = Math.abs(drawn[0]?.[2] ?? 0);
    const frame = this.row.getBoundingClientRect();
    for (const [source, target, strength] of drawn.slice(0, MOST_LINKS)) {
      const [start, end] = [from.elementOf(source), to.elementOf(target)].map((node) => node?.getBoundingClientRect());
      if (!start || !end) continue;
      const [x1, y1] = [start.right - frame.left, (start.top + start.bottom) / 2 - frame.top];
      const [x2, y2] = [end.left - frame.left, (end.top + end.bottom) / 2 - frame.top];
      const middle = (x1 + x2) / 2;
      const part = Math.abs(strength) / largest;
      this.lines.append(svg("path", {
        d: `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`,
        class: strength < 0 ? "negative" : "positive",
        "stroke-width": 0.5 + 3.5 * part,
        "stroke-opacity": 0.25 + 0.75 * part,
      }));
    }
  }
}
