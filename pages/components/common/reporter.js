// Reports to Python while something moves: one on its way at a time, then the latest. What came between is skipped.

const PATIENCE = 2000; // ms; a report without an answer for longer is lost, with the run of the script that got it

class Reporter {
  /** @param {(report: {number: number, value: any}) => void} send */
  constructor(send) {
    this.send = send;
    this.number = this.answered = 0;
    this.read = null; // gives the value of the report that waits
  }

  /** @param {() => any} read asked for the value when the report goes */
  report(read) {
    this.read = read;
    this.next();
  }

  /** Python has drawn the page with the report of that number. */
  answer(number) {
    this.answered = Math.max(this.answered, number);
    this.number = Math.max(this.number, number); // a component mounted anew counts on
    this.next();
  }

  next() {
    if (!this.read || this.number > this.answered) return;
    this.number += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.answer(this.number), PATIENCE);
    this.send({ number: this.number, value: this.read() });
    this.read = null;
  }

  destroy() {
    clearTimeout(this.timer);
  }
}

/** What Streamlit calls for a component that reports, an object of `Kind`: kept from one run of the script to the next. */
function reporting(Kind) {
  const mounted = new WeakMap(); // parentElement -> component
  return ({ data, parentElement, setStateValue }) => {
    if (!data) return undefined;
    if (!mounted.has(parentElement)) {
      mounted.set(parentElement, new Kind(parentElement, (report) => setStateValue("report", report)));
    }
    const component = mounted.get(parentElement);
    component.receive(data);
    return () => {
      component.destroy();
      mounted.delete(parentElement);
    };
  };
}
