/**
 * Requests that wait for their `ok` or `error`. One that carries an idempotency key outlives the connection: it is
 * sent again on the next one, since the server answers a repeated key with the first answer. One without fails.
 */

/** @typedef {{id: number, type: string, body: Record<string, unknown>, resolve: (answer: any) => void,
 *   reject: (error: RoomError) => void, timer: unknown}} Waiting */

const LONGEST_WAITING = 100;

/** A refused or lost request. `code` is the server's, or "offline" (no answer in time), or "busy" (too many wait). */
export class RoomError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {Record<string, any>} [facts]
   */
  constructor(code, message, facts = {}) {
    super(message);
    this.name = "RoomError";
    this.code = code;
    this.facts = facts;
    /** @type {number | null} */
    this.retry_after_ms = typeof facts.retry_after_ms === "number" ? facts.retry_after_ms : null;
  }
}

export class PendingRequests {
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #timers;

  /** @param {{set: (run: () => void, after_ms: number) => unknown, clear: (timer: unknown) => void}} timers */
  constructor(timers) {
    this.#timers = timers;
  }

  /**
   * @param {number} id
   * @param {string} type
   * @param {Record<string, unknown>} body
   * @param {number} timeout_ms
   * @returns {Promise<any>} the fields of the `ok` frame
   */
  add(id, type, body, timeout_ms) {
    if (this.#waiting.size >= LONGEST_WAITING) {
      return Promise.reject(new RoomError("busy", "Too many requests wait for an answer."));
    }
    return new Promise((resolve, reject) => {
      const timer = this.#timers.set(() => this.#fail(id, new RoomError("offline", "No answer came in time.")), timeout_ms);
      this.#waiting.set(id, { id, type, body, resolve, reject, timer });
    });
  }

  /**
   * @param {{type: string, re: number | null} & Record<string, any>} frame an `ok` or `error`
   * @returns {boolean} whether somebody waited for it
   */
  settle(frame) {
    const waiting = frame.re === null || frame.re === undefined ? undefined : this.#waiting.get(frame.re);
    if (!waiting) return false;
    if (frame.type === "error") {
      const { type, re, code, message, ...facts } = frame;
      this.#fail(waiting.id, new RoomError(String(code), String(message ?? code), facts));
      return true;
    }
    this.#take(waiting.id);
    const { type, re, ...result } = frame;
    waiting.resolve(result);
    return true;
  }

  /**
   * The answer takes longer: the server has said that the request stands in line.
   * @param {number} id
   * @param {number} timeout_ms from now
   */
  extend(id, timeout_ms) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#timers.clear(waiting.timer);
    waiting.timer = this.#timers.set(() => this.#fail(id, new RoomError("offline", "No answer came in time.")), timeout_ms);
  }

  /** The connection is gone: what has no key fails now. */
  connectionLost() {
    for (const { id, body } of [...this.#waiting.values()]) {
      if (!body.key) this.#fail(id, new RoomError("offline", "The connection was lost."));
    }
  }

  /** @returns {{id: number, type: string, body: Record<string, unknown>}[]} what to send again, in order */
  toSendAgain() {
    return [...this.#waiting.values()].map(({ id, type, body }) => ({ id, type, body }));
  }

  /** @param {RoomError} error */
  failAll(error) {
    for (const id of [...this.#waiting.keys()]) this.#fail(id, error);
  }

  /** @param {number} id */
  #take(id) {
    const waiting = this.#waiting.get(id);
    if (waiting) this.#timers.clear(waiting.timer);
    this.#waiting.delete(id);
    return waiting;
  }

  /** @param {number} id @param {RoomError} error */
  #fail(id, error) {
    this.#take(id)?.reject(error);
  }
}
