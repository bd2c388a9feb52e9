// @ts-check
// Files that are dropped on the page: the upload field takes them itself; if there is none, it will be opened.

import { droppedFiles } from "./choice.js";

/** @typedef {import("./stream.js").ChosenFile} ChosenFile */

/** What was dropped on a page without an upload field. @type {Promise<ChosenFile[]>|null} */
let waiting = null;
let fields = 0; // on the page

/** Call when an upload field is added (1) or removed (-1). @param {1|-1} change */
export function countField(change) {
  fields += change;
}

/** Keeps dropped files for the field that will be opened; false if there is a field already. @param {DataTransfer} dropped */
export function keepDropped(dropped) {
  if (fields) return false;
  waiting = droppedFiles(dropped, () => {});
  waiting.catch(() => {}); // the field reports it
  return true;
}

/** The files that were kept; null if there are none. */
export function takeDropped() {
  const files = waiting;
  waiting = null;
  return files;
}

/** Whether files, not for example text, are dragged. @param {DragEvent} event */
export function hasFiles(event) {
  return Boolean(event.dataTransfer?.types.includes("Files"));
}
