// @ts-check
// Sends a stream of files to the server, piece by piece, and goes on where it was when the connection breaks.

/** @typedef {import("./stream.js").FileStream} FileStream */

export const FIRST_PIECE = 1 << 18; // bytes
const LARGEST_PIECE = 1 << 23;
const SMALLEST_PIECE = 1 << 14;
const QUICK = 500; // ms: a piece that takes less is followed by a larger one
const SLOW = 3000; // ms: one that takes more, by a smaller one
const PIECE_TIMEOUT = 60_000; // ms
const PATIENCE = 240_000; // ms without any answer; the server waits a little longer
const LONGEST_PAUSE = 10_000; // ms between two attempts

/** A sentence for the user: why the files cannot be sent. */
export class SendError extends Error {}

/**
 * @typedef {object} Progress
 * @property {number} sent bytes
 * @property {number} rate bytes per second of the last seconds; 0 if unknown
 * @property {boolean} broken whether the connection is broken
 */

export class Sender {
  /**
   * @param {FileStream} stream
   * @param {string|URL} address
   * @param {(progress: Progress) => void} report
   * @param {AbortSignal} signal
   * @param {number} [others] the number of files that are not sent
   */
  constructor(stream, address, report, signal, others = 0) {
    this.stream = stream;
    this.address = address;
    this.report = report;
    this.signal = signal;
    this.others = others;
    this.pieceSize = FIRST_PIECE;
    this.limit = LARGEST_PIECE;
    this.sent = 0;
    this.rate = 0;
    this.failures = 0;
    this.answered = performance.now();
  }

  /** Sends all files. Throws SendError, or what an aborted signal throws. */
  async send() {
    const body = JSON.stringify({ files: this.stream.list(), others: this.others });
    await this.repeat(() => this.ask("", { method: "POST", body }));
    while (this.sent < this.stream.size) {
      this.report({ sent: this.sent, rate: this.rate, broken: false });
      await this.repeat((isRepeated) => this.sendPiece(isRepeated));
    }
    this.report({ sent: this.sent, rate: this.rate, broken: false });
  }

  /** @param {boolean} isRepeated */
  async sendPiece(isRepeated) {
    if (isRepeated) { // some of the last piece may have arrived
      this.sent = (await this.ask("", {})).received;
      if (this.sent >= this.stream.size) return;
    }
    const start = performance.now();
    const { received } = await this.ask(`?offset=${this.sent}`, {
      method: "PUT",
      body: this.stream.piece(this.sent, this.pieceSize),
    });
    const took = performance.now() - start;
    const rate = (1000 * (received - this.sent)) / Math.max(took, 1);
    this.rate = this.rate ? 0.8 * this.rate + 0.2 * rate : rate;
    this.sent = received;
    if (took < QUICK) this.pieceSize = Math.min(2 * this.pieceSize, this.limit);
    else if (took > SLOW) this.shrink();
  }

  /** Does an action, again and again while the connection is broken. @param {(isRepeated: boolean) => Promise<any>} action */
  async repeat(action) {
    for (;;) {
      try {
        await action(this.failures > 0);
        this.failures = 0;
        this.answered = performance.now();
        return;
      } catch (error) {
        this.signal.throwIfAborted();
        if (error instanceof SendError) throw error;
        await this.checkFiles();
        if (performance.now() - this.answered > PATIENCE) throw new SendError("The connection to the server is lost. Try again later.");
        if (!(error instanceof TooLarge)) {
          this.report({ sent: this.sent, rate: 0, broken: true });
          await pause(Math.min(1000 * 2 ** this.failures, LONGEST_PAUSE), this.signal);
        }
        this.failures += 1;
        this.shrink();
      }
    }
  }

  shrink() {
    this.pieceSize = Math.max(this.pieceSize / 2, SMALLEST_PIECE);
  }

  /** A file that was changed or removed cannot be sent, however often one tries. */
  async checkFiles() {
    try {
      await this.stream.piece(this.sent, this.pieceSize).arrayBuffer();
    } catch {
      const { path } = this.stream.files[this.stream.at(this.sent)];
      throw new SendError(`“${path}” or a file after it can no longer be read. Was it changed or moved? Choose the files again.`);
    }
  }

  /**
   * The server's answer.
   * @param {string} query
   * @param {RequestInit} options
   * @returns {Promise<{received: number}>}
   */
  async ask(query, options) {
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(PIECE_TIMEOUT)]);
    const answer = await fetch(`${this.address}${query}`, { ...options, signal });
    if (answer.status === 413) { // from a proxy
      if (this.pieceSize <= SMALLEST_PIECE) throw new SendError("A proxy before the server refuses large requests.");
      this.limit = Math.max(this.pieceSize / 2, SMALLEST_PIECE);
      throw new TooLarge();
    }
    if (answer.status >= 500) throw new Error(answer.statusText);
    const { received, error } = await answer.json();
    if (error) throw new SendError(error);
    return { received };
  }
}

class TooLarge extends Error {}

/** @param {number} delay ms @param {AbortSignal} signal */
function pause(delay, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, delay);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

/**
 * The progress as a text: "12 MB of 340 MB · 11 MB/s · 30 s left".
 * @param {Progress} progress
 * @param {number} size bytes
 */
export function progressText({ sent, rate, broken }, size) {
  const text = `Sending: ${sizeText(sent)} of ${sizeText(size)}`;
  if (broken) return `${text} · The connection is broken. Trying again…`;
  if (!rate) return text;
  return `${text} · ${sizeText(rate)}/s · ${timeText((size - sent) / rate)} left`;
}

/**
 * As `size_text` of cnn/size.py.
 * @param {number} size bytes
 */
function sizeText(size) {
  const [unit, bytes] = size < 999.5e3 ? ["kB", 1e3] : size < 999.5e6 ? ["MB", 1e6] : ["GB", 1e9];
  const value = size / bytes;
  return `${value.toLocaleString("en-US", { maximumFractionDigits: value < 9.95 ? 1 : 0 })} ${unit}`;
}

/** @param {number} seconds */
function timeText(seconds) {
  if (seconds < 59.5) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
