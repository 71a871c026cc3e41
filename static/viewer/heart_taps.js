/** Hearts of this person: shown at once, sent summed, a few times a second at most. */

const SEND_EVERY_MS = 400;

export class HeartTaps {
  #send;
  #waiting = 0;
  #most = 20;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {(count: number) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** @param {() => void} listener called at each tap @returns {() => void} */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param {number} most_in_frame what the server takes at once; more is thrown away */
  tap(most_in_frame) {
    this.#most = most_in_frame;
    this.#waiting += 1;
    for (const listener of this.#listeners) listener();
    this.#timer ??= setTimeout(() => this.#flush(), SEND_EVERY_MS);
  }

  stop() {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #flush() {
    this.#timer = null;
    this.#send(Math.min(this.#waiting, this.#most));
    this.#waiting = 0;
  }
}
