// @ts-check
// The life cycle of a component: created when Streamlit first draws it, kept between runs of the script, destroyed when
// it leaves the page.

/** @typedef {import("./loader.js").StreamlitCall} StreamlitCall */

/** Sends values to Python, always through the newest call: it belongs to the current fragment. */
export class Python {
  /** @param {StreamlitCall} call */
  constructor(call) {
    this.call = call;
  }

  /** @param {string} name @param {unknown} value stays until the next one */
  setState(name, value) {
    this.call.setStateValue(name, value);
  }

  /** Reports an event to the next run of the script only. @param {string} name @param {unknown} value */
  trigger(name, value = true) {
    this.call.setTriggerValue(name, value);
  }
}

/**
 * @typedef {object} Drawn one component at one place
 * @property {(data: any) => void|Promise<void>} receive new data from Python
 * @property {() => void} destroy
 *
 * @param {new (parent: HTMLElement|ShadowRoot, python: Python) => Drawn} Kind
 */
export function component(Kind) {
  /** @type {WeakMap<HTMLElement|ShadowRoot, {drawn: Drawn, python: Python}>} */
  const mounted = new WeakMap();
  return {
    /** @param {StreamlitCall} call @returns {void|Promise<void>} */
    draw(call) {
      if (!call.data) return undefined;
      const place = call.parentElement;
      let entry = mounted.get(place);
      if (!entry) {
        const python = new Python(call);
        entry = { drawn: new Kind(place, python), python };
        mounted.set(place, entry);
      }
      entry.python.call = call;
      return entry.drawn.receive(call.data);
    },

    /** @param {HTMLElement|ShadowRoot} place */
    remove(place) {
      mounted.get(place)?.drawn.destroy();
      mounted.delete(place);
    },
  };
}
