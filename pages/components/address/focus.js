// @ts-check
// Keeps the keyboard's focus on a widget that Streamlit draws at another place of the page: it removes the old element,
// and the focus would go back to the beginning of the page.

/** @type {HTMLElement|null} */
let focused = null; // the last button or link that had the keyboard's focus,
/** @type {string|undefined} */
let key; // and the class of its widget, read while it was on the page

/** The class that a widget has from its key. @param {Element} node */
function keyOf(node) {
  return [...(node.closest('[class*="st-key-"]')?.classList ?? [])].find((name) => name.startsWith("st-key-"));
}

/** @param {FocusEvent} event */
function remember({ target }) {
  focused = target instanceof HTMLElement && target.matches("a:focus-visible, button:focus-visible") ? target : null;
  if (focused) key = keyOf(focused);
}
function restore() {
  if (focused === null || focused.isConnected || !key || document.activeElement !== document.body) return;
  const again = document.querySelector(`.${CSS.escape(key)} ${focused.localName}`);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

export function keepFocus() {
  document.addEventListener("focusin", remember);
  document.addEventListener("pointerdown", () => {
    focused = null;
  });
  new MutationObserver(restore).observe(document.body, { childList: true, subtree: true });
}
