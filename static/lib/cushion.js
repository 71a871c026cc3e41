/**
 * How far a player holds its pictures back while packets are lost on their way, so that those that are sent again come
 * in time: before the server (a host on bad wireless) as well as behind it. Without losses the browser's own choice,
 * the shortest, stands. Pure.
 */

export const CUSHION_MS = 150;
const LOSSES_WITHIN_MS = 3_000;
const CALM_AFTER_MS = 20_000;

export class Cushion {
  #nacks = 0;
  /** @type {number | null} when packets were last found missing */
  #lost_at_ms = null;
  #laid = false;

  /**
   * @param {number} now_ms
   * @param {number} nacks how many packets the browser has asked for again since the session began
   * @returns {number | null} what to set `jitterBufferTarget` to, in ms; null leaves it to the browser
   */
  sample(now_ms, nacks) {
    const calm_ms = this.#lost_at_ms === null ? Infinity : now_ms - this.#lost_at_ms;
    if (nacks > this.#nacks) {
      // A single loss is nothing: the second within moments says that the line is bad.
      if (calm_ms <= LOSSES_WITHIN_MS) this.#laid = true;
      this.#lost_at_ms = now_ms;
    } else if (calm_ms >= CALM_AFTER_MS) this.#laid = false;
    this.#nacks = nacks;
    return this.#laid ? CUSHION_MS : null;
  }
}
