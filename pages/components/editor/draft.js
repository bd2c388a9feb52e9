// @ts-check
// Texts that are not saved yet, in the browser's memory: one for each window, so that no window replaces another's.
// Needs no page but a storage, such as localStorage.

/** @typedef {{text: string, writer: string, seen: number|null, when: number}} Draft writer: names the window. when: in
 * seconds, by this computer's clock */

const PREFIX = "draft ";

/** The storage of this browser; null if it has none, or may not use it. @returns {Storage|null} */
export function browserStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** Before drafts named their window, there was one for all windows: its writer is "". @param {string} name @param {string} writer */
const keyOf = (name, writer) => `${PREFIX}${name} ${writer}`.trimEnd();

/** @param {Storage|null} storage @param {string} name @param {Draft} draft */
export function keepDraft(storage, name, draft) {
  try {
    storage?.setItem(keyOf(name, draft.writer), JSON.stringify(draft));
  } catch {
    // The memory is full: the text is still in the field.
  }
}

/** Forgets a draft, unless its window has kept another text since. @param {Storage|null} storage @param {string} name @param {Draft} draft */
export function forgetDraft(storage, name, draft) {
  const kept = findDrafts(storage, name).find((one) => one.writer === draft.writer);
  if (kept?.text === draft.text) storage?.removeItem(keyOf(name, draft.writer));
}

/** Those of all windows, the earliest first. @param {Storage|null} storage @param {string} name @returns {Draft[]} */
export function findDrafts(storage, name) {
  const keys = Object.keys(storage ?? {}).filter((key) => key.startsWith(PREFIX));
  const drafts = keys.flatMap((key) => read(storage?.getItem(key) ?? "null").filter((one) => keyOf(name, one.writer) === key));
  return drafts.sort((one, other) => one.when - other.when);
}

/** @param {string} kept @returns {Draft[]} none if it is damaged */
function read(kept) {
  try {
    const found = { writer: "", ...JSON.parse(kept) };
    return typeof found.text === "string" && typeof found.writer === "string" && typeof found.when === "number" ? [found] : [];
  } catch {
    return [];
  }
}
