// @ts-check
// Polls the server, and asks Python to rerun.

import { serverRoot } from "./loader.js";

const SHORTEST_WAIT = 50; // ms between an answer and the next request
const RERUN_PATIENCE = 2000; // ms until a request to rerun that had no effect is repeated

/**
 * The text at an address of the server; null on any error: Streamlit itself shows that the server is gone.
 * @param {string} address from the root of the app
 * @param {RequestInit} [options]
 */
export async function fetchText(address, options) {
  try {
    const answer = await fetch(new URL(address, serverRoot()), options);
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

/** Fetches an address of the server at intervals while the page is visible. */
export class Poll {
  /** @param {(answer: string) => void} onAnswer */
  constructor(onAnswer) {
    this.onAnswer = onAnswer;
    /** @type {string|null} */
    this.source = null;
    this.every = 0;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
  }

  /** Polls this address from now on, every `every` ms. @param {string} source @param {number} every */
  begin(source, every) {
    this.source = source;
    this.every = every;
    this.askIn(every);
  }

  /** @param {number} delay ms */
  askIn(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), delay);
  }

  async ask() {
    const { source } = this;
    const start = performance.now();
    if (source !== null && !document.hidden) {
      const answer = await fetchText(source);
      if (source !== this.source) return; // polling has ended or moved to another address
      try {
        if (answer !== null) this.onAnswer(answer);
      } catch (error) {
        console.error(error); // not from this server, such as a login page: the next answer may be
      }
    }
    this.askIn(Math.max(SHORTEST_WAIT, this.every - (performance.now() - start)));
  }

  end() {
    this.source = null;
    clearTimeout(this.timer);
  }
}

/**
 * Asks Python to rerun, and repeats the request if nothing happens, after a wait that doubles each time. A request
 * during a run restarts it, so frequent requests would keep a slow page from ever finishing.
 */
export class Rerun {
  /** @param {() => void} send */
  constructor(send) {
    this.send = send;
    this.next = 0;
    this.patience = RERUN_PATIENCE;
  }

  request() {
    const now = performance.now();
    if (now < this.next) return;
    this.next = now + this.patience;
    this.patience *= 2;
    this.send();
  }

  /** Call when Python has rerun: the next request goes out at once. */
  answered() {
    this.next = 0;
    this.patience = RERUN_PATIENCE;
  }
}
