// @ts-check
// Decides what is an entry in the browser's history: choosing another run, image or layer (a new sight) is one; an
// adjusted setting is not, so three steps of a slider do not need three presses of Back.
//
// Streamlit makes a new entry each time that Python changes the address. On Back and Forward it reruns the page with the
// address of the entry. This file wraps pushState and replaces the current entry if the change is no new sight.

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
