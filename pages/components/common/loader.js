// @ts-check
// What Streamlit imports for each component. It imports the component's module from the server and passes on what
// Streamlit asks for, also while the module is still on its way.

/**
 * @typedef {object} StreamlitCall what Streamlit passes each time the component has to be drawn
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

/** The root of the app: the page's address without the name of the page. */
export function serverRoot() {
  const address = new URL(window.location.href);
  return new URL(address.pathname.replace(/[^/]*$/, ""), address.origin);
}

/**
 * The function that Streamlit calls to draw a component.
 * @param {string} folder of all modules, from the root of the app
 * @param {string[]} names of the component's own module and of all that it imports, which are asked for at the same time
 */
export function load(folder, names) {
  /** @type {Promise<Component>|null} */
  let loading = null;
  const module = () => {
    const addresses = names.map((name) => new URL(`${folder}/${name}`, serverRoot()).href);
    loading ??= Promise.all(addresses.map((address) => import(address))).then(([own]) => own.default);
    return loading;
  };
  /** The last call for each place on the page: an earlier one must neither draw over it nor remove it. */
  const newest = new WeakMap();
  const failures = new WeakMap();

  /** @param {StreamlitCall} call */
  return (call) => {
    const place = call.parentElement;
    newest.set(place, call);
    const isNewest = () => newest.get(place) === call;
    /** @param {string} text */
    const fail = (text) => {
      if (isNewest() && !failures.get(place)?.isConnected) failures.set(place, say(place, text));
    };
    const draw = async () => {
      let component;
      try {
        component = await module();
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
        fail("Something went wrong while this part of the page was drawn. The browser's console has the details.");
      }
    };
    draw();
    return () => {
      if (!isNewest()) return;
      newest.delete(place);
      loading?.then((component) => newest.has(place) || component.remove(place)).catch(() => {});
    };
  };
}

/** Puts a sentence where the component should be. @param {HTMLElement|ShadowRoot} place @param {string} text */
function say(place, text) {
  const sentence = document.createElement("p");
  sentence.setAttribute("role", "alert");
  sentence.textContent = text;
  place.append(sentence);
  return sentence;
}
