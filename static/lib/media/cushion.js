/**
 * How far a player holds a show back while packets are lost on their way, so that those that are sent again come in
 * time: before the server (a host on bad wireless) as well as behind it. Without losses the browser's own choice, the
 * shortest, stands. Pure.
 */

export const CUSHION_MS = 150;
const WINDOW_MS = 3_000;
const LOSSES = 6;
const SPELLS = 3;
const CALM_AFTER_MS = 20_000;

export class Cushion {
  #nacks = 0;
  /** @type {{at_ms: number, count: number}[]} packets found missing within the window */
  #spells = [];
  #laid = false;
  #lost_at_ms = -Infinity;

  /**
   * @param {number} now_ms
   * @param {number} nacks how many packets the browser has asked for again since the session began
   * @returns {number | null} what to set `jitterBufferTarget` to, in ms; null leaves it to the browser
   */
  sample(now_ms, nacks) {
    const count = nacks - this.#nacks;
    this.#nacks = nacks;
    this.#spells = this.#spells.filter(({ at_ms }) => now_ms - at_ms < WINDOW_MS);
    if (count > 0) {
      this.#spells.push({ at_ms: now_ms, count });
      this.#lost_at_ms = now_ms;
    }
    // One bad moment is no bad line: a join, a change of layers, a busy machine.
    const losses = this.#spells.reduce((sum, spell) => sum + spell.count, 0);
    if (this.#spells.length >= SPELLS && losses >= LOSSES) this.#laid = true;
    else if (now_ms - this.#lost_at_ms >= CALM_AFTER_MS) this.#laid = false;
    return this.#laid ? CUSHION_MS : null;
  }
}
