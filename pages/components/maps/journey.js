// Which number is explained: the one pinned, else the one pointed at; and the way that led to it.

class Journey {
  constructor() {
    /** @type {Address|null} */
    this.pinned = null;
    /** @type {Address|null} */
    this.pointed = null;
    /** @type {Address[]} */
    this.trail = [];
  }

  get shown() {
    return this.pinned ?? this.pointed;
  }

  /** Says whether another number is shown from now on. */
  point(address) {
    if (this.pinned || sameAddress(address, this.pointed)) return false;
    this.pointed = address;
    return true;
  }

  pin(address) {
    this.pinned = address;
    this.trail = [];
  }

  /** Pin a neighbour: the way here stays. */
  move(address) {
    this.pinned = address;
  }

  follow(address) {
    this.trail.push(this.shown);
    this.pinned = address;
  }

  back(at) {
    this.pinned = this.trail[at];
    this.trail.length = at;
  }

  release() {
    this.pinned = this.pointed = null;
    this.trail = [];
  }

  /** Forget what new data no longer has. */
  keep(has) {
    if (!has(this.pointed)) this.pointed = null;
    this.trail = this.trail.filter(has);
    if (!has(this.pinned)) this.pinned = null;
    if (!this.pinned) this.trail = [];
  }
}

const PLAY_EVERY = 125; // milliseconds

/** Takes a step again and again. */
class Player {
  /** @param {{step(): void, changed(playing: boolean): void}} actions */
  constructor({ step, changed }) {
    this.step = step;
    this.changed = changed;
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

const DIRECTIONS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** The neighbour an arrow key leads to (the same at the border), or null for any other key. */
function stepTo(section, address, key) {
  if (!Object.hasOwn(DIRECTIONS, key)) return null;
  const { height, width } = extent(section);
  const [down, right] = DIRECTIONS[key];
  const clamp = (value, length) => Math.max(0, Math.min(length - 1, value));
  return { ...address, row: clamp(address.row + down, height), column: clamp(address.column + right, width) };
}

/** The next number of a map, row by row, and from the last to the first. */
function nextPlace(section, address) {
  const { height, width } = extent(section);
  const at = (address.row * width + address.column + 1) % (height * width);
  return { ...address, row: Math.floor(at / width), column: at % width };
}
