// @ts-check
// The life of a component: created when Streamlit first draws it, kept between runs of the script, destroyed when it
// leaves the page.

/** @typedef {import("./loader.js").StreamlitCall} StreamlitCall */

/** Sends values to Python, always through the newest call, which knows its fragment. */
export class Python {
  /** @param {StreamlitCall} call */
  constructor(call) {
    this.call = call;
    this.key = call.key;
  }

  /** @param {string} name @param {unknown} value kept until the next one */
  setState(name, value) {
    this.call.setStateValue(name, value);
  }

  /** @param {string} name of what has happened, which the next run of the script learns */
  trigger(name) {
    this.call.setTriggerValue(name, true);
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
      let known = mounted.get(place);
      if (!known) {
        const python = new Python(call);
        known = { drawn: new Kind(place, python), python };
        mounted.set(place, known);
      }
      known.python.call = call;
      return known.drawn.receive(call.data);
    },

    /** @param {HTMLElement|ShadowRoot} place */
    remove(place) {
      mounted.get(place)?.drawn.destroy();
      mounted.delete(place);
    },
  };
}
