// @ts-check
// Keeps the keyboard's focus on a widget that Streamlit draws at another place of the page: it removes the old element,
// and the focus would go back to the beginning of the page. After a dialog, the focus returns to what opened it. On a new
// page without that widget, it goes to the title.

/** @typedef {{ node: HTMLElement, key: string|undefined, path: string }} Focused key: the class of the widget of a node;
 *   path: of the page's address */

/** @type {Focused|null} */
let focused = null; // the last button or link that had the keyboard's focus, read while it was on the page,
/** @type {Focused|null} */
let opener = null; // and the last one outside of a dialog
let isInDialog = false; // whether the focus was last in a dialog

const DIALOG = '[role="dialog"]';
const STATE = "data-test-script-state"; // an attribute that says whether a script of the page runs
const DRAWN = `[${STATE}="notRunning"]`;
const PAGE = '[data-testid="stMain"]'; // where Streamlit's link "Skip to main content" leads

/** The class that a widget has from its key. @param {Element} node */
function keyOf(node) {
  return [...(node.closest('[class*="st-key-"]')?.classList ?? [])].find((name) => name.startsWith("st-key-"));
}

/** @param {{ target: EventTarget|null }} event */
function remember({ target }) {
  if (!(target instanceof HTMLElement)) return;
  const isReached = target.matches("a:focus-visible, button:focus-visible, h1");
  focused = isReached ? { node: target, key: keyOf(target), path: window.location.pathname } : null;
  isInDialog = target.closest(DIALOG) !== null;
  if (!isInDialog) opener = focused;
}

/** The element, or the one that now stands for it. @param {Focused|null} before @returns {HTMLElement|null} */
function again(before) {
  if (before?.node.isConnected) return before.node;
  return before?.key ? document.querySelector(`.${CSS.escape(before.key)} ${before.node.localName}`) : null;
}

function restore() {
  const active = document.activeElement;
  if (opener && active?.matches(DIALOG)) enter(active);
  if (active !== document.body) return;
  /** @type {HTMLElement|null} */
  const dialog = document.querySelector(DIALOG);
  const hasLeft = isInDialog && !dialog;
  const before = hasLeft ? opener : focused;
  const isLost = hasLeft || (before !== null && !before.node.isConnected);
  let target = isLost ? again(before) : null;
  if (dialog) target ??= dialog; // Escape closes it only if the focus is in it
  else if (isLost && document.querySelector(DRAWN)) target ??= instead(before, hasLeft);
  target?.focus({ preventScroll: true });
}

/** What gets the focus when all is drawn and the element is gone. @param {Focused|null} before @param {boolean} hasLeft
 * a dialog @returns {HTMLElement|null} */
function instead(before, hasLeft) {
  const title = document.querySelector("h1");
  if (before && title && before.path !== window.location.pathname) {
    title.setAttribute("tabindex", "-1");
    return title;
  }
  return hasLeft ? document.querySelector(PAGE) : null;
}

/** In a dialog that a key has opened, one can type at once. @param {Element} dialog */
function enter(dialog) {
  /** @type {HTMLElement|null} */
  const field = dialog.querySelector('input[type="text"]:not([role="combobox"]), textarea');
  field?.focus();
}

export function keepFocus() {
  remember({ target: document.activeElement }); // a fast user was there before this file
  document.addEventListener("focusin", remember);
  document.addEventListener("pointerdown", () => {
    focused = null;
    isInDialog = false;
  });
  const changes = { childList: true, subtree: true, attributes: true, attributeFilter: [STATE] };
  new MutationObserver(restore).observe(document.body, changes);
}
