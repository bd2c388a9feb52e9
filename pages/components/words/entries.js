// @ts-check
// Finds the entries of a glossary whose words occur in a text. Needs no page.

/** @typedef {{word: string, names: string[], text: string}} Entry names: all that the entry explains, the word first */

/**
 * The entries of which a name occurs in the text as a word of its own, whatever its case.
 * @param {string} text
 * @param {Entry[]} entries
 */
export function entriesFor(text, entries) {
  return entries.filter(({ names }) => names.some((name) => patternOf(name).test(text)));
}

/** The entries with a name that contains what is sought. @param {string} sought @param {Entry[]} entries */
export function matching(sought, entries) {
  const small = sought.toLowerCase();
  return entries.filter(({ names }) => names.some((name) => name.toLowerCase().includes(small)));
}

/** @param {string} name */
function patternOf(name) {
  // A name with a capital, such as He or Adam, is a proper name: “he” is none.
  const flags = /^[A-Z]/.test(name) ? "u" : "iu";
  return new RegExp(`(?<![\\p{L}\\p{N}])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}])`, flags);
}
