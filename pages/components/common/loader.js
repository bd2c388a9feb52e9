// @ts-check
// The script that Streamlit imports for each component. It imports the component's module from the server and passes
// Streamlit's calls on to it, including those made while the module loads.

/**
 * @typedef {object} StreamlitCall what Streamlit passes each time it draws the component
 * @property {any} data from Python
 * @property {string} key
 * @property {HTMLElement|ShadowRoot} parentElement
 * @property {(name: string, value: unknown) => void} setStateValue
 * @property {(name: string, value: unknown) => void} setTriggerValue
 *
 * @typedef {object} Component what a component's module exports by default; see component.js
 * @property {(call: StreamlitCall) => void|Promise<void>} draw
 * @property {(place: HTMLElement|ShadowRoot) => void} remove
 */

/** The root address of the app: that of the page without the page's name. */
export function serverRoot() {
  const address = new URL(window.location.href);
  return new URL(address.pathname.replace(/[^/]*$/, ""), address.origin);
}

/**
 * The function that Streamlit calls to draw a component.
 * @param {string} folder of all modules, from the root of the app
 * @param {string[]} names of the component's module, then of all modules it imports: they are fetched at the same time
 */
export function load(folder, names) {
  /** @type {Promise<Component>|null} */
  let loading = null;
  const loadModule = () => {
    const addresses = names.map((name) => new URL(`${folder}/${name}`, serverRoot()).href);
    loading ??= Promise.all(addresses.map((address) => import(address))).then(([first]) => first.default);
    return loading;
  };
  /** The last call for each place on the page; earlier calls must not draw there. */
  const newest = new WeakMap();
  const failures = new WeakMap();

  /** @param {StreamlitCall} call */
  return (call) => {
    const place = call.parentElement;
    newest.set(place, call);
    const isNewest = () => newest.get(place) === call;
    /** @param {string} text */
    const fail = (text) => {
      if (isNewest() && !failures.get(place)?.isConnected) failures.set(place, showError(place, text));
    };
    const draw = async () => {
      let component;
      try {
        component = await loadModule();
      } catch {
        loading = null; // the next call tries again
        fail("This part of the page could not be loaded. Reload the page; if that does not help, restart the server.");
        return;
      }
      if (!isNewest()) return;
      try {
        await component.draw(call);
        failures.get(place)?.remove();
      } catch (error) {
        console.error(error);
        fail("This part of the page could not be drawn. The browser's console has the details.");
      }
    };
    draw();
    return () => {
      // Streamlit also undoes a call that a newer one has overtaken; the component then stays for the newer one.
      if (place.isConnected) return;
      newest.delete(place);
      loading?.then((component) => newest.has(place) || component.remove(place)).catch(() => {});
    };
  };
}

/** Shows an error in place of the component. @param {HTMLElement|ShadowRoot} place @param {string} text */
function showError(place, text) {
  const sentence = document.createElement("p");
  sentence.setAttribute("role", "alert");
  sentence.textContent = text;
  place.append(sentence);
  return sentence;
}
