// @ts-check
// Libraries that are not modules: scripts that leave one name behind.

/** @type {Map<string, Promise<any>>} address -> what the script has left */
const loaded = new Map();

/**
 * What a script leaves behind under a global name; it is fetched once.
 * @param {URL} address
 * @param {string} name
 * @returns {Promise<any>}
 */
export function library(address, name) {
  const known = loaded.get(address.href);
  if (known) return known;
  const loading = new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address.href;
    script.onload = () => resolve(Reflect.get(window, name));
    script.onerror = () => reject(new Error(`${address.href} could not be loaded.`));
    document.head.append(script);
  });
  loading.catch(() => loaded.delete(address.href)); // the next one tries again
  loaded.set(address.href, loading);
  return loading;
}
