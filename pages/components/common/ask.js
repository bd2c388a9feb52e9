// @ts-check
// Questions from the browser to the server, and requests to Python to draw again.

import { serverRoot } from "./loader.js";

const SHORTEST_WAIT = 50; // ms between an answer and the next question
const RERUN_PATIENCE = 2000; // ms until a request to draw again that had no effect is repeated

/**
 * What an address of the server answers; null on any network error: Streamlit shows that the server is gone.
 * @param {string} address from the root of the app
 * @param {RequestInit} [options]
 */
export async function answerOf(address, options) {
  try {
    const answer = await fetch(new URL(address, serverRoot()), options);
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

/** Asks an address of the server again and again, for as long as the page is visible. */
export class Poll {
  /** @param {(answer: string) => void} answered */
  constructor(answered) {
    this.answered = answered;
    /** @type {string|null} */
    this.source = null;
    this.every = 0;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
  }

  /** Asks this address from now on: after `every` ms and then each time. @param {string} source @param {number} every */
  begin(source, every) {
    this.source = source;
    this.every = every;
    this.askIn(every);
  }

  /** @param {number} time ms */
  askIn(time) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), time);
  }

  async ask() {
    const { source } = this;
    const asked = performance.now();
    if (source !== null && !document.hidden) {
      const answer = await answerOf(source);
      if (source !== this.source) return; // the address has changed meanwhile, or polling has ended
      if (answer !== null) this.answered(answer);
    }
    this.askIn(Math.max(SHORTEST_WAIT, this.every - (performance.now() - asked)));
  }

  end() {
    this.source = null;
    clearTimeout(this.timer);
  }
}

/**
 * Asks Python to draw again, and repeats the request if nothing happens, after a wait that doubles each time. A request
 * while Python draws makes it start over, so frequent requests would keep a slow page from ever finishing.
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

  /** Python has drawn: the next request goes out at once. */
  answered() {
    this.next = 0;
    this.patience = RERUN_PATIENCE;
  }
}
