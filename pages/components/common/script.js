// @ts-check
// Loads libraries that are not modules but scripts that define one global name.

/** @type {Map<string, Promise<any>>} address -> the library */
const loaded = new Map();

/**
 * The global object that a script defines; the script is fetched once.
 * @param {URL} address
 * @param {string} name
 * @returns {Promise<any>}
 */
export function library(address, name) {
  const cached = loaded.get(address.href);
  if (cached) return cached;
  const loading = new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address.href;
    script.onload = () => resolve(Reflect.get(window, name));
    script.onerror = () => reject(new Error(`${address.href} could not be loaded.`));
    document.head.append(script);
  });
  loading.catch(() => loaded.delete(address.href)); // the next call tries again
  loaded.set(address.href, loading);
  return loading;
}
