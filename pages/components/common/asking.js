// What the browser asks the server for by itself, and what it then has to tell Python.

const PATIENCE = 2000; // ms; what Python has not answered for longer is told once more

/** Asks an address of the server over and over, for as long as somebody looks at the page. */
class Asking {
  /** @param {(answer: string) => void} answered */
  constructor(answered) {
    this.answered = answered;
  }

  /** From now on it is this address that is asked, after `every` ms and then each time. */
  begin(source, every) {
    this.source = source;
    this.every = every;
    this.askIn(every);
  }

  askIn(time) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), time);
  }

  async ask() {
    const { source } = this;
    const asked = performance.now();
    if (!document.hidden) {
      const answer = await answerOf(source);
      if (source !== this.source) return; // asked in vain: there is another, or nothing to show it on
      if (answer !== null) this.answered(answer);
    }
    this.askIn(Math.max(50, this.every - (performance.now() - asked)));
  }

  end() {
    this.source = null;
    clearTimeout(this.timer);
  }
}

/** What an address of the server answers; null if it cannot, of which the page tells. */
async function answerOf(source, options) {
  try {
    const answer = await fetch(new URL(source, serverRoot()), options);
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

/**
 * Tells Python that it has to draw something, once; only if nothing comes of it, once more. Each time it waits twice as
 * long: what comes while Python draws makes it begin anew, and a page that takes long to draw would never be there.
 */
class Telling {
  constructor(send) {
    this.send = send;
    this.answered();
  }

  tell() {
    const now = performance.now();
    if (now < this.next) return;
    this.next = now + this.patience;
    this.patience *= 2;
    this.send();
  }

  /** Python has drawn it. */
  answered() {
    this.next = 0;
    this.patience = PATIENCE;
  }
}
