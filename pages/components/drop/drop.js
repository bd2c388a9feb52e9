// @ts-check
// Notices a folder or an archive that is dropped anywhere on the page.

import { component } from "../common/component.js";
import { element } from "../common/dom.js";
import { hasFiles, keepDropped, listenForFiles } from "../upload/dropped.js";

class Drop {
  /** @param {HTMLElement|ShadowRoot} parent @param {import("../common/component.js").Python} python */
  constructor(parent, python) {
    this.python = python;
    this.root = element("div", { class: "drop" });
    parent.append(this.root);
    this.listening = listenForFiles((event, isOver) => this.drag(event, isOver), (event) => this.drop(event));
  }

  /** @param {{text: string}} data */
  receive({ text }) {
    this.root.textContent = text;
  }

  /** @param {DragEvent} event @param {boolean} isOver */
  drag(event, isOver) {
    if (!hasFiles(event)) return;
    event.preventDefault(); // otherwise the browser opens the file
    this.root.classList.toggle("over", isOver);
  }

  /** @param {DragEvent} event */
  drop(event) {
    this.drag(event, false);
    if (hasFiles(event) && event.dataTransfer && keepDropped(event.dataTransfer)) this.python.trigger("dropped");
  }

  destroy() {
    this.listening.abort();
    this.root.remove();
  }
}

export default component(Drop);
