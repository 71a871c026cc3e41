/** Asking for something again and again, only while somebody looks. */

/** @typedef {{set: (run: () => void, after_ms: number) => unknown, clear: (timer: any) => void}} Timers */

const REAL = { set: (/** @type {() => void} */ run, /** @type {number} */ after_ms) => setTimeout(run, after_ms), clear: clearTimeout.bind(globalThis) };

export class Polling {
  #ask;
  #every_ms;
  #timers;
  /** @type {unknown} */
  #timer = null;
  #wanted = false;
  #asking = false;

  /**
   * @param {() => Promise<unknown>} ask must not reject
   * @param {number | (() => number)} every_ms from one answer to the next question; a function is asked each time
   * @param {Timers} [timers]
   */
  constructor(ask, every_ms, timers = REAL) {
    this.#ask = ask;
    this.#every_ms = every_ms;
    this.#timers = timers;
  }

  /** Asks at once and goes on, or stops. @param {boolean} wanted */
  want(wanted) {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (wanted) void this.now();
    else this.#timers.clear(this.#timer);
  }

  /** Asks at once, unless a question is under way. */
  async now() {
    if (this.#asking || !this.#wanted) return;
    this.#timers.clear(this.#timer);
    this.#asking = true;
    try {
      await this.#ask();
    } finally {
      this.#asking = false;
    }
    if (this.#wanted) this.#timer = this.#timers.set(() => void this.now(), typeof this.#every_ms === "function" ? this.#every_ms() : this.#every_ms);
  }
}
