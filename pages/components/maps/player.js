// @ts-check

const PLAY_EVERY = 125; // milliseconds

/** Repeats a step at intervals after a click on Play. Nothing moves between the steps. */
export class Player {
  /** @param {{step(): void, changed(playing: boolean): void}} actions */
  constructor({ step, changed }) {
    this.step = step;
    this.changed = changed;
    /** @type {ReturnType<typeof setInterval>|null} */
    this.timer = null;
  }

  toggle() {
    if (this.timer !== null) {
      this.stop();
      return;
    }
    this.timer = setInterval(this.step, PLAY_EVERY);
    this.changed(true);
  }

  stop() {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    this.changed(false);
  }
}
