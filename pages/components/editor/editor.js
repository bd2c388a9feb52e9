// @ts-check
// A text field that reports at every pause in typing, and when it is left. What the server has not saved stays in the
// field and in the browser's memory, and is reported again.

import { component } from "../common/component.js";
import { element, setText } from "../common/dom.js";
import { decode } from "../common/message.js";
import { Reporter } from "../common/reporter.js";
import { browserStorage, findDrafts, forgetDraft, keepDraft } from "./draft.js";

const PAUSE = 600; // ms without a key that count as a pause in typing
const AGAIN = 3000; // ms until an unsaved text is reported again
const WRITER = Array.from(crypto.getRandomValues(new Uint32Array(2)), (one) => one.toString(36)).join("");
const UNSAVED = "Not saved: the server does not answer. The text stays here, and is saved once it does.";

/**
 * @typedef {object} EditorData
 * @property {string} name identifies the text
 * @property {string} text as it is saved
 * @property {number|null} version
 * @property {number} answered number of the last report that Python received
 * @property {string} label
 * @property {number} rows
 * @property {string} status
 * @property {boolean} is_error
 * @property {string} placeholder
 * @property {number} now the server's clock, in seconds
 */

/** @typedef {import("./draft.js").Draft} Draft */

const now = () => Date.now() / 1000;

class Editor {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.reporter = new Reporter((report) => python.setState("report", report));
    this.storage = browserStorage();
    this.name = "";
    /** @type {number|null} the version of the saved text that the field is based on */
    this.seen = null;
    this.when = 0; // when the text was typed, by this clock, in seconds
    this.ahead = -Infinity; // at least so many seconds the server's clock is ahead of this one
    /** @type {string|null} the text of the last report; null if none is on its way */
    this.sent = null;
    this.isDirty = false;
    /** @type {Draft[]} what closed windows could not save, the earliest first; the field has the latest */
    this.left = [];
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.pause = undefined;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.again = undefined;
    this.field = element("textarea", { spellcheck: "true" });
    this.status = element("div", { class: "status", role: "status" });
    this.root = element("div", { class: "editor" }, this.field, this.status);
    this.field.addEventListener("input", () => this.type());
    this.field.addEventListener("blur", () => this.report());
    this.leave = () => this.report();
    window.addEventListener("pagehide", this.leave);
    // Streamlit has shortcuts, such as r for a rerun.
    for (const name of ["keydown", "keyup", "keypress"]) this.field.addEventListener(name, (event) => event.stopPropagation());
    parent.append(this.root);
  }

  /** @param {Uint8Array} message */
  receive(message) {
    /** @type {EditorData} */
    const data = decode(message);
    this.ahead = Math.max(this.ahead, data.now - now());
    if (data.name !== this.name) this.load(data);
    this.field.style.setProperty("--rows", String(data.rows));
    this.field.placeholder = data.placeholder;
    this.field.setAttribute("aria-label", data.label);
    if (data.is_error && this.isDirty) this.fail(data.status);
    else this.accept(data);
    this.reporter.answer(data.answered);
  }

  /** Another text, or the first. @param {EditorData} data */
  load(data) {
    this.report();
    this.name = data.name;
    this.sent = null;
    this.isDirty = false;
    this.show(data);
    this.left = findDrafts(this.storage, data.name);
    const draft = this.left.at(-1);
    if (!draft) return;
    this.field.value = draft.text;
    this.seen = draft.seen;
    this.when = draft.when;
    this.isDirty = true;
    this.report();
  }

  /** @param {EditorData} data */
  show(data) {
    if (this.field.value !== data.text) this.field.value = data.text;
    this.seen = data.version;
  }

  /** The server has a text: the one reported last, or another window's. @param {EditorData} data */
  accept(data) {
    const isAnswer = this.sent !== null && data.answered >= this.reporter.number;
    if (isAnswer && this.field.value === this.sent) {
      this.isDirty = false;
      forgetDraft(this.storage, this.name, this.draft());
    }
    if (isAnswer) {
      for (const draft of this.left) forgetDraft(this.storage, this.name, draft);
      this.left = [];
      this.sent = null;
      this.seen = data.version;
      clearTimeout(this.again);
    }
    if (!this.isDirty) {
      this.show(data);
      this.say(data.status, "");
    }
  }

  type() {
    this.when = now();
    this.isDirty = true;
    keepDraft(this.storage, this.name, this.draft());
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.report(), PAUSE);
  }

  /** The text in the field. @returns {Draft} */
  draft() {
    return { text: this.field.value, writer: WRITER, seen: this.seen, when: this.when };
  }

  report() {
    clearTimeout(this.pause);
    if (!this.isDirty) return;
    const timed = (/** @type {Draft} */ draft) => ({ ...draft, age: now() - draft.when, when: draft.when + this.ahead });
    this.reporter.report(() => {
      this.sent = this.field.value; // not before: while another report is in flight, this one waits
      clearTimeout(this.again);
      this.again = setTimeout(() => this.fail(UNSAVED), AGAIN);
      return { ...timed(this.draft()), left: this.left.map(timed) };
    });
  }

  /** @param {string} reason */
  fail(reason) {
    this.say(reason, "error");
    clearTimeout(this.again);
    this.again = setTimeout(() => this.report(), AGAIN);
  }

  /** @param {string} text @param {string} kind */
  say(text, kind) {
    setText(this.status, text);
    this.status.className = `status ${kind}`;
  }

  destroy() {
    this.report();
    for (const timer of [this.pause, this.again]) clearTimeout(timer);
    window.removeEventListener("pagehide", this.leave);
    this.reporter.destroy();
    this.root.remove();
  }
}

export default component(Editor);
