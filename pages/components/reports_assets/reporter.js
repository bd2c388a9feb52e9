// Reports to Python while something moves: one on its way at a time, then the latest. What came between is skipped.

const PATIENCE = 2000; // ms; a report without an answer for longer is lost, with the run of the script that got it

class Reporter {
  /** @param {(report: {number: number, value: any}) => void} send */
  constructor(send) {
    this.send = send;
    this.number = this.answered = 0;
    this.waiting = null; // what has not been sent yet
  }

  report(value) {
    this.waiting = { value };
    this.next();
  }

  /** Python has drawn the page with the report of that number. */
  answer(number) {
    this.answered = number;
    this.number = Math.max(this.number, number); // a component mounted anew counts on
    this.next();
  }

  next() {
    if (!this.waiting || (this.number > this.answered && performance.now() < this.deadline)) return;
    this.number += 1;
    this.deadline = performance.now() + PATIENCE;
    this.send({ number: this.number, ...this.waiting });
    this.waiting = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.next(), PATIENCE);
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
