// @ts-check
// Files that are dropped on the page: an upload field that is visible takes them; if there is none, one is opened.

import { droppedFiles } from "./choice.js";

/** @typedef {import("./stream.js").ChosenFile} ChosenFile */

/** What was dropped where no upload field is visible. @type {Promise<ChosenFile[]>|null} */
let waiting = null;

/** The upload fields on the page; one may be on a tab that is not shown. @type {Set<Element>} */
export const fields = new Set();

/** Whether an element is shown. @param {Element} field */
export const isVisible = (field) => field.getClientRects().length > 0;

/** Keeps dropped files for the field that will be opened; false if a visible field takes them. @param {DataTransfer} dropped */
export function keepDropped(dropped) {
  if ([...fields].some(isVisible)) return false;
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

/**
 * Calls `drag` while files are dragged over the page or leave it, and `drop` when something is dropped; until it is
 * aborted.
 * @param {(event: DragEvent, isOver: boolean) => void} drag
 * @param {(event: DragEvent) => void} drop
 */
export function listenForFiles(drag, drop) {
  const listening = new AbortController();
  const { signal } = listening;
  window.addEventListener("dragover", (event) => drag(event, true), { signal });
  window.addEventListener("dragleave", (event) => drag(event, false), { signal });
  window.addEventListener("drop", drop, { signal });
  return listening;
}

/** Whether files, not for example text, are dragged. @param {DragEvent} event */
export function hasFiles(event) {
  return Boolean(event.dataTransfer?.types.includes("Files"));
}
