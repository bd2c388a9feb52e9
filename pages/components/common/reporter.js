// @ts-check
// Reports to Python while something moves. Only one report is in flight at a time; then the latest follows, and those
// in between are skipped.

const REPORT_PATIENCE = 2000; // ms until an unanswered report counts as lost, e.g. because its run was interrupted

export class Reporter {
  /** @param {(report: {number: number, value: unknown}) => void} send */
  constructor(send) {
    this.send = send;
    this.number = 0; // of the last report
    this.answered = 0;
    /** @type {(() => unknown)|null} returns the value of the waiting report */
    this.read = null;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
  }

  /** @param {() => unknown} read returns the value; called when the report is sent */
  report(read) {
    this.read = read;
    this.next();
  }

  /** Call when Python has drawn the page with the report of that number. @param {number} number */
  answer(number) {
    this.answered = Math.max(this.answered, number);
    this.number = Math.max(this.number, number); // a component that is mounted again goes on counting
    this.next();
  }

  next() {
    if (!this.read || this.number > this.answered) return;
    this.number += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.answer(this.number), REPORT_PATIENCE);
    this.send({ number: this.number, value: this.read() });
    this.read = null;
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
