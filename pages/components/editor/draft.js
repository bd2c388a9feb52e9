// @ts-check
// A text that is not saved yet, in the browser's memory. Needs no page but a storage, such as localStorage.

/** @typedef {{text: string, seen: number|null, when: number}} Draft when: in seconds, by this computer's clock */

const PREFIX = "draft ";

/** The storage of this browser; null if it has none, or may not use it. @returns {Storage|null} */
export function browserStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** @param {Pick<Storage, "setItem"|"removeItem">|null} storage @param {string} name @param {Draft|null} draft null: it is saved */
export function keepDraft(storage, name, draft) {
  try {
    if (draft) storage?.setItem(PREFIX + name, JSON.stringify(draft));
    else storage?.removeItem(PREFIX + name);
  } catch {
    // The memory is full: the text is still in the field.
  }
}

/** @param {Pick<Storage, "getItem">|null} storage @param {string} name @returns {Draft|null} */
export function findDraft(storage, name) {
  try {
    const found = JSON.parse(storage?.getItem(PREFIX + name) ?? "null");
    return typeof found?.text === "string" && typeof found.when === "number" ? found : null;
  } catch {
    return null;
  }
}
