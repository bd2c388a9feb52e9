// @ts-check
// A field for a folder of images or an archive: by dropping it anywhere on the page, or through the browser's own dialogs.
// Shows the progress of sending.

import { component } from "../common/component.js";
import { button, element, setText } from "../common/dom.js";
import { serverRoot } from "../common/loader.js";
import { ProgressBar } from "../common/progress_bar.js";
import { choiceText, choose, droppedFiles, inputFiles, pastedFiles } from "./choice.js";
import { fields, hasFiles, isVisible, listenForFiles, takeDropped } from "./dropped.js";
import { progressText, Sender, SendError } from "./sender.js";
import { FileStream } from "./stream.js";

/**
 * @typedef {import("./stream.js").ChosenFile} ChosenFile
 * @typedef {{address: string, kinds: import("./choice.js").Kinds, single: boolean}} UploadData address: of this server, for the files; single: whether single images can be chosen or pasted
 */

const REDRAW_EVERY = 100; // ms
const LEAD = "Drop a folder of images or an archive here";
const SINGLE_LEAD = "Drop images, a folder or an archive here, or paste a picture";

class Upload {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.python = python;
    /** @type {AbortController|null} */
    this.sending = null;
    this.isSent = false;
    this.drawnAt = 0;
    this.takesSingle = false;

    this.folderInput = this.input({ webkitdirectory: true, multiple: true, "aria-label": "Folder of images" });
    this.archiveInput = this.input({ accept: ".zip,.tar,.gz,.tgz,.bz2,.tbz,.tbz2,.xz,.txz,.npz", "aria-label": "Archive of images" });
    const folder = button("Choose a folder", () => this.folderInput.click());
    folder.hidden = !("webkitdirectory" in HTMLInputElement.prototype); // phones
    this.archiveButton = button("Choose an archive", () => this.archiveInput.click());
    this.imagesInput = this.input({ accept: "image/*", multiple: true, "aria-label": "Images" });
    this.imagesButton = button("Choose images", () => this.imagesInput.click());
    this.error = element("div", { class: "error", role: "alert" });
    this.lead = element("div", { class: "lead" }, LEAD);
    this.choices = element("div", { class: "choices" }, this.lead,
      element("div", { class: "buttons" }, this.imagesButton, folder, this.archiveButton, this.imagesInput, this.folderInput, this.archiveInput));
    this.bar = new ProgressBar();
    this.bar.text.id = "sending";
    this.about = element("div", { class: "about" });
    this.cancelButton = button("Cancel", () => this.cancel(), { "aria-describedby": "sending" });
    this.progress = element("div", { class: "sending" }, element("div", { class: "row" }, this.bar.element, this.cancelButton), this.about);
    this.field = element("div", { class: "field" }, this.choices, this.progress);
    this.root = element("div", { class: "upload" }, this.field, this.error);
    parent.append(this.root);
    this.showProgress(false);

    fields.add(this.root);
    this.appearing = new ResizeObserver(() => this.takeKept());
    this.appearing.observe(this.root);
    this.listening = listenForFiles((event, isOver) => this.drag(event, isOver), (event) => this.drop(event));
    window.addEventListener("paste", (event) => this.paste(event), { signal: this.listening.signal });
  }

  /** @param {UploadData} data */
  receive({ address, kinds, single }) {
    this.address = new URL(address, serverRoot());
    this.kinds = kinds;
    this.takesSingle = single;
    this.imagesButton.hidden = !single;
    setText(this.lead, single ? SINGLE_LEAD : LEAD);
    this.takeKept();
  }

  /** Sends what was dropped before this field was shown. A field on another tab leaves it to the one that is shown next. */
  takeKept() {
    if (!this.address || !isVisible(this.root)) return;
    const dropped = takeDropped();
    if (dropped) this.start(() => dropped);
  }

  /** A hidden file input. @param {import("../common/dom.js").Attributes} attributes */
  input(attributes) {
    const input = element("input", { type: "file", hidden: true, tabindex: -1, ...attributes });
    input.addEventListener("change", () => {
      const files = inputFiles(/** @type {FileList} */ (input.files));
      if (files.length) this.start(async () => files);
      input.value = ""; // the same file can be chosen again
    });
    return input;
  }

  /** @param {DragEvent} event @param {boolean} isOver */
  drag(event, isOver) {
    if (!hasFiles(event)) return;
    event.preventDefault(); // otherwise the browser opens the file
    this.field.classList.toggle("over", isOver && !this.sending);
  }

  /** @param {DragEvent} event */
  drop(event) {
    const { dataTransfer } = event;
    this.drag(event, false);
    if (!dataTransfer || !hasFiles(event) || this.sending || !isVisible(this.root)) return;
    this.start(() => droppedFiles(dataTransfer, (count) => this.show(0, `Looking through the folder: ${count.toLocaleString("en-US")} files`)));
  }

  /** @param {ClipboardEvent} event */
  paste(event) {
    const files = pastedFiles(event.clipboardData?.files ?? []);
    if (!this.takesSingle || !files.length || this.sending || !isVisible(this.root)) return;
    event.preventDefault();
    this.start(async () => files);
  }

  /** Sends files. @param {() => Promise<ChosenFile[]>} find */
  async start(find) {
    if (!this.address || !this.kinds) return;
    const sending = new AbortController();
    this.sending = sending;
    setText(this.error, "");
    setText(this.about, "");
    this.show(0, "Looking through the folder");
    this.showProgress(true);
    try {
      const choice = choose(await find(), this.kinds);
      if (choice.error) throw new SendError(choice.error);
      setText(this.about, choiceText(choice));
      const stream = new FileStream(choice.files);
      const report = (/** @type {import("./sender.js").Progress} */ now) => this.show(now.sent / stream.size, progressText(now, stream.size));
      const sender = new Sender(stream, this.address, report, sending.signal, choice.others);
      sending.signal.throwIfAborted();
      await sender.send();
      this.isSent = true;
      this.show(1, "Sent.", true);
      this.python.trigger("sent");
    } catch (error) {
      this.sending = null;
      this.showProgress(false);
      if (sending.signal.aborted) return;
      setText(this.error, error instanceof SendError ? error.message : "The files could not be read. Choose them again.");
      this.forget();
    }
  }

  /** @param {number} share @param {string} text @param {boolean} [now] */
  show(share, text, now = false) {
    if (!now && performance.now() - this.drawnAt < REDRAW_EVERY) return;
    this.drawnAt = performance.now();
    this.bar.show({ share, text });
  }

  /** @param {boolean} isSending */
  showProgress(isSending) {
    const focused = /** @type {Document|ShadowRoot} */ (this.root.getRootNode()).activeElement;
    this.choices.classList.toggle("away", isSending); // both keep their room, so nothing jumps
    this.progress.classList.toggle("away", !isSending);
    this.drawnAt = 0;
    if (isSending && this.choices.contains(focused)) this.cancelButton.focus();
    if (!isSending && focused === this.cancelButton) this.archiveButton.focus();
  }

  cancel() {
    this.sending?.abort();
    this.forget();
    setText(this.error, "Cancelled; nothing was saved.");
  }

  /** Asks the server to remove what has arrived. */
  forget() {
    if (this.address) fetch(this.address, { method: "DELETE", keepalive: true }).catch(() => {}); // else it does so later
  }

  destroy() {
    fields.delete(this.root);
    this.appearing.disconnect();
    this.listening.abort();
    if (this.sending && !this.isSent) {
      this.sending.abort();
      this.forget();
    }
    this.root.remove();
  }
}

export default component(Upload);
