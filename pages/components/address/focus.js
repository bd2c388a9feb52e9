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
const PAGE = '[data-testid="stMain"]'; // where Streamlit's link "Skip to main content" leads

/** The class that a widget has from its key. @param {Element} node */
function keyOf(node) {
  return [...(node.closest('[class*="st-key-"]')?.classList ?? [])].find((name) => name.startsWith("st-key-"));
}

/** @param {FocusEvent} event */
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
  /** @type {HTMLElement|null} */
  const found = before?.key ? document.querySelector(`.${CSS.escape(before.key)} ${before.node.localName}`) : null;
  return found ?? (before && before.path !== window.location.pathname ? title() : null);
}

/** In a dialog that a key has opened, one can type at once. @param {Element} dialog */
function enter(dialog) {
  /** @type {HTMLElement|null} */
  const field = dialog.querySelector('input[type="text"]:not([role="combobox"]), textarea');
  field?.focus();
}

/** @returns {HTMLElement|null} */
function title() {
  const found = document.querySelector("h1");
  found?.setAttribute("tabindex", "-1");
  return found;
}

function restore() {
  if (opener && document.activeElement?.matches(DIALOG)) enter(document.activeElement);
  if (document.activeElement !== document.body) return;
  /** @type {HTMLElement|null} */
  let target = null;
  if (isInDialog && !document.querySelector(DIALOG)) target = again(opener) ?? document.querySelector(PAGE);
  else if (focused && !focused.node.isConnected) target = again(focused);
  target?.focus({ preventScroll: true });
}

export function keepFocus() {
  document.addEventListener("focusin", remember);
  document.addEventListener("pointerdown", () => {
    focused = null;
    isInDialog = false;
  });
  new MutationObserver(restore).observe(document.body, { childList: true, subtree: true });
}
