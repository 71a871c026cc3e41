/**
 * How long to wait before the next try: exponential with full jitter, so that ten thousand clients that lost the
 * same server do not come back in the same moment. Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
 */

const FIRST_MS = 500;
const CAP_MS = 16_000;

export class Backoff {
  #tries = 0;
  #random;

  /** @param {() => number} [random] 0 (incl.) to 1 (excl.) */
  constructor(random = Math.random) {
    this.#random = random;
  }

  /** @returns {number} milliseconds to wait now; each call counts as a try */
  next_ms() {
    const most_ms = Math.min(CAP_MS, FIRST_MS * 2 ** this.#tries);
    this.#tries += 1;
    return Math.round(this.#random() * most_ms);
  }

  /** After a success. */
  reset() {
    this.#tries = 0;
  }
}
