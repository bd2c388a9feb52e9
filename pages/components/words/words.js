// @ts-check
// A button that lists the words of the glossary which the page uses, each with its meaning.

import { component } from "../common/component.js";
import { button, element } from "../common/dom.js";
import { decode } from "../common/message.js";
import { entriesFor, matching } from "./entries.js";

/** @typedef {import("./entries.js").Entry} Entry */

class Words {
  /** @param {HTMLElement|ShadowRoot} parent */
  constructor(parent) {
    /** @type {Entry[]} */
    this.entries = [];
    /** @type {Record<string, string>} */
    this.behind = {};
    /** @type {Entry[]} */
    this.used = [];
    const name = element("span", {}, "Words", element("span", { class: "more" }, " explained"));
    this.button = button(name, () => this.toggle(), { class: "open", "aria-expanded": "false", title: "What the words on this page mean" });
    this.search = element("input", { type: "search", placeholder: "Search all words", "aria-label": "Search all words" });
    this.search.addEventListener("input", () => this.show());
    this.found = element("div");
    // In the top layer, so that nothing on the page covers it or cuts it off.
    this.list = element("div", { class: "list", popover: "manual", role: "dialog", "aria-label": "Words on this page" }, this.search, this.found);
    this.root = element("div", { class: "words" }, this.button, this.list);
    this.root.addEventListener("keydown", (event) => event.key === "Escape" && this.close(true));
    /** @param {PointerEvent} event */
    this.elsewhere = (event) => event.composedPath().includes(this.root) || this.close(false);
    document.addEventListener("pointerdown", this.elsewhere);
    parent.append(this.root);
  }

  /** @param {Uint8Array} message entries: Entry[]; behind: a label on the page -> the text behind it */
  receive(message) {
    const { entries, behind } = decode(message);
    this.entries = entries;
    this.behind = behind;
  }

  toggle() {
    if (this.list.matches(":popover-open")) this.close(true);
    else this.open();
  }

  open() {
    const main = document.querySelector("[data-testid=stMain]") ?? document.body;
    let text = textOf(main);
    for (const [label, more] of Object.entries(this.behind)) if (text.includes(label)) text += `\n${more}`;
    this.used = entriesFor(text, this.entries);
    this.search.value = "";
    this.show();
    this.list.showPopover();
    this.button.setAttribute("aria-expanded", "true");
    const { right, bottom } = this.button.getBoundingClientRect();
    this.list.style.left = `${Math.max(8, Math.min(right, window.innerWidth - 8) - this.list.offsetWidth)}px`;
    this.list.style.top = `${bottom + 6}px`;
    this.search.focus();
  }

  /** @param {boolean} refocus whether the button gets the focus back */
  close(refocus) {
    if (!this.list.matches(":popover-open")) return;
    this.list.hidePopover();
    this.button.setAttribute("aria-expanded", "false");
    if (refocus) this.button.focus();
  }

  /** Lists the words of the page, or those of all words that match what is searched for. */
  show() {
    const sought = this.search.value.trim();
    const shown = sought ? matching(sought, this.entries) : this.used;
    const title = !sought ? "Words on this page" : shown.length ? `${shown.length} of ${this.entries.length} words` : "No word found";
    this.found.replaceChildren(element("p", {}, title), element("dl", {}, ...shown.flatMap(rowsOf)));
  }

  destroy() {
    document.removeEventListener("pointerdown", this.elsewhere);
    this.root.remove();
  }
}

/** @param {Entry} entry */
function rowsOf({ word, names, text }) {
  const others = names.slice(1).join(", ");
  const more = element("span", { class: "names" }, others ? ` ${others}` : "");
  return [element("dt", {}, word, more), element("dd", {}, text)];
}

/** All text in an element and in the components in it, but not in this one. @param {Node} node @returns {string} */
function textOf(node) {
  if (node instanceof Text) return node.data;
  if (!(node instanceof Element || node instanceof ShadowRoot)) return "";
  if (node instanceof Element && (["STYLE", "SCRIPT"].includes(node.tagName) || node.classList.contains("words"))) return "";
  const inside = [...node.childNodes, ...(node instanceof Element && node.shadowRoot ? [node.shadowRoot] : [])];
  return inside.map(textOf).join(" ");
}

export default component(Words);
