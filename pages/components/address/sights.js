// @ts-check
// Decides whether a new address shows something new (a new sight) or the same thing with other settings.

/**
 * @typedef {object} Sights names in the address
 * @property {string[]} chosen changing, adding or removing one is a new sight
 * @property {string[]} shown changing one is a new sight; adding or removing one only completes the address
 */

/**
 * @param {URLSearchParams} before
 * @param {URLSearchParams} after
 * @param {Sights} sights
 */
export function isNewSight(before, after, { chosen, shown }) {
  /** @param {string} name */
  const differs = (name) => before.get(name) !== after.get(name);
  return chosen.some(differs) || shown.some((name) => before.has(name) && after.has(name) && differs(name));
}
