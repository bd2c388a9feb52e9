// @ts-check
// Decides which changes of the address become entries in the browser's history. Choosing another run, image or layer (a
// new sight) makes an entry. Adjusting a setting does not, so three steps of a slider do not need three presses of Back.
//
// Streamlit adds an entry each time Python changes the address. On Back and Forward it reruns the page with the address
// of the entry. This file wraps pushState: a change that is not a new sight replaces the current entry.

import { component } from "../common/component.js";
import { serverRoot } from "../common/loader.js";
import { keepFocus } from "./focus.js";
import { closeMenu } from "./menu.js";
import { isAddressOf, isNewSight } from "./sights.js";

/** @type {import("./sights.js").Sights} */
let sights = { chosen: [], shown: [] };
let isNewPage = true; // until the page is drawn, changes of its address only complete it
let newest = ""; // the drawing of the page that was dealt with last
/** @type {{path: string, query: string}|null} */
let opened = null; // the page that has just been opened and its query, until they are in the address
/** @type {string|null} */
let returnedTo = null; // the path of the page to which Back or Forward led, until it is drawn or the user does something

const push = window.history.pushState.bind(window.history);

window.history.pushState = (state, unused, url) => {
  const before = new URL(window.location.href);
  const after = new URL(url ?? "", before);
  const changesPage = after.pathname !== before.pathname;
  // A part of the page that was left, which the server began to draw before it knew: Streamlit takes it for a new page.
  if (changesPage && before.pathname === returnedTo) return;
  if (changesPage) {
    isNewPage = true;
    closeMenu();
  }
  if (changesPage || (!isNewPage && isNewSight(before.searchParams, after.searchParams, sights))) push(state, unused, url);
  else window.history.replaceState(state, unused, url);
  if (changesPage) complete();
};

keepFocus();

window.addEventListener("popstate", () => {
  opened = null;
  returnedTo = window.location.pathname;
});
for (const type of ["click", "keydown"]) window.addEventListener(type, () => (returnedTo = null), true);

class Address {
  /**
   * @param {{drawing: string, sights: import("./sights.js").Sights, path: string, query: string|null,
   *   cookies: Record<string, string>}} data
   */
  receive({ drawing, sights: newSights, path, query, cookies }) {
    if (drawing === newest) return; // Streamlit repeats it: the address may have changed since
    newest = drawing;
    sights = newSights;
    if (isAddressOf(path, window.location.href, import.meta.url)) returnedTo = null;
    remember(cookies);
    // The query of a new page is set here, not by Python: Streamlit might put it into the address of the page before, or
    // write it before pushState is wrapped.
    if (query === null) isNewPage = false;
    else opened = { path, query };
    complete();
  }

  destroy() {}
}

/**
 * Sets cookies that last until the browser is closed; an empty text removes one.
 * @param {Record<string, string>} cookies name -> text
 */
function remember(cookies) {
  for (const [name, text] of Object.entries(cookies)) {
    const age = text === "" ? "; max-age=0" : "";
    document.cookie = `${name}=${encodeURIComponent(text)}; path=${serverRoot().pathname}; SameSite=Lax${age}`;
  }
}

/** Puts the query of the page that has just been opened into its address, once this is the browser's address. */
function complete() {
  if (opened === null || !isAddressOf(opened.path, window.location.href, import.meta.url)) return;
  window.history.replaceState(window.history.state, "", window.location.pathname + opened.query);
  opened = null;
  isNewPage = false;
}

export default component(Address);
