// @ts-check
// Keeps the browser's history as a person thinks of it: a new sight is a new entry, so that Back returns to the one
// before; a sight that is only adjusted keeps its entry, so that three steps of a slider are not three presses of Back.
//
// Streamlit makes a new entry each time that Python changes the address. On Back and Forward it reruns the page with the
// address of the entry. So all there is to do here is to find out which new entries are none: this wraps pushState.

import { component } from "../common/component.js";
import { isNewSight } from "./sights.js";

/** @type {import("./sights.js").Sights} */
let sights = { chosen: [], shown: [] };
let isNewPage = true; // until a page has been drawn, what is written into its address completes it

const push = window.history.pushState.bind(window.history);

window.history.pushState = (state, unused, url) => {
  const before = new URL(window.location.href);
  const after = new URL(url ?? "", before);
  const turns = after.pathname !== before.pathname;
  if (turns) isNewPage = true;
  if (turns || (!isNewPage && isNewSight(before.searchParams, after.searchParams, sights))) push(state, unused, url);
  else window.history.replaceState(state, unused, url);
};

class Address {
  /** @param {{sights: import("./sights.js").Sights, query: string|null}} data */
  receive(data) {
    sights = data.sights;
    isNewPage = false;
    // Python leaves the address of a page just opened to this: Streamlit might write it before this wraps pushState.
    if (data.query !== null) window.history.replaceState(window.history.state, "", window.location.pathname + data.query);
  }

  destroy() {}
}

export default component(Address);
