// @ts-check
// Decides which changes of the address become entries in the browser's history. Choosing another run, image or layer (a
// new sight) makes an entry. Adjusting a setting does not, so three steps of a slider do not need three presses of Back.
//
// Streamlit adds an entry each time Python changes the address. On Back and Forward it reruns the page with the address
// of the entry. This file wraps pushState: a change that is not a new sight replaces the current entry.

import { component } from "../common/component.js";
import { isNewSight } from "./sights.js";

/** @type {import("./sights.js").Sights} */
let sights = { chosen: [], shown: [] };
let isNewPage = true; // until the page is drawn, changes of its address only complete it

const push = window.history.pushState.bind(window.history);

window.history.pushState = (state, unused, url) => {
  const before = new URL(window.location.href);
  const after = new URL(url ?? "", before);
  const changesPage = after.pathname !== before.pathname;
  if (changesPage) isNewPage = true;
  if (changesPage || (!isNewPage && isNewSight(before.searchParams, after.searchParams, sights))) push(state, unused, url);
  else window.history.replaceState(state, unused, url);
};

class Address {
  /** @param {{sights: import("./sights.js").Sights, query: string|null}} data */
  receive(data) {
    sights = data.sights;
    isNewPage = false;
    // The first address of a session is set here, not by Python: Streamlit might write it before pushState is wrapped.
    if (data.query !== null) window.history.replaceState(window.history.state, "", window.location.pathname + data.query);
  }

  destroy() {}
}

export default component(Address);
