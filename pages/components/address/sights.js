// @ts-check
// Decides what an address is of: something new (a new sight) or the same thing with other settings, and which page.

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

/**
 * Whether an address is that of a page.
 * @param {string} path the page's, below the app's address; empty for the first page
 * @param {string} address
 * @param {string} module the address of a module of our components: the app's, and more
 */
export function isAddressOf(path, address, module) {
  const app = module.slice(0, module.lastIndexOf("/components/", module.lastIndexOf("/address/")));
  const page = new URL(path === "" ? app : `${app}/${path}`);
  /** @param {string} text */
  const trimmed = (text) => text.replace(/\/$/, "");
  return trimmed(page.pathname) === trimmed(new URL(address).pathname);
}
