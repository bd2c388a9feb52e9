// @ts-check
// Keeps the keyboard's focus on a widget that Streamlit draws at another place of the page: it removes the old element,
// and the focus would go back to the beginning of the page. After a dialog, the focus returns to what opened it.

/** @typedef {{ node: HTMLElement, key: string|undefined }} Focused key: the class of the widget of a node */

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
  focused = target.matches("a:focus-visible, button:focus-visible") ? { node: target, key: keyOf(target) } : null;
  isInDialog = target.closest(DIALOG) !== null;
  if (!isInDialog) opener = focused;
}

/** The element, or the one that now stands for it. @param {Focused|null} before @returns {HTMLElement|null} */
function again(before) {
  if (before?.node.isConnected) return before.node;
  return before?.key ? document.querySelector(`.${CSS.escape(before.key)} ${before.node.localName}`) : null;
}

function restore() {
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
