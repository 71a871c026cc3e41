/** What a moderator can do, and the newest thing that can be undone. No DOM. */

export const TIMEOUTS_S = Object.freeze([10, 60, 300, 600, 1800, 86_400]);
export const UNDO_MS = 8_000;

/** @typedef {{action: string, name: string, seconds: number, undo: (() => Promise<unknown>) | null, at_ms: number}} Done seconds: how long, 0 for no end */

/** @param {number} seconds @returns {string} the key of the words for a span of time */
export function spanKey(seconds) {
  return `control.span.${TIMEOUTS_S.includes(seconds) ? seconds : "other"}`;
}

/**
 * Whether this is the last thing done to the person, and can be taken back. Their comments may be gone: it is
 * offered here.
 * @param {import("../lib/types.js").Fact[]} events newest first
 * @param {import("../lib/types.js").Fact} fact
 * @param {number} now_ms the shop's clock
 * @returns {boolean}
 */
export function liftable(events, fact, now_ms) {
  if (events.find((one) => one.target === fact.target && one.action !== "delete") !== fact) return false;
  return fact.action === "ban" || (fact.action === "timeout" && (fact.expires_at_ms ?? 0) > now_ms);
}

export class Moderation {
  #room;
  /** @type {Done | null} */
  #last = null;

  /** @param {{request: (type: string, body: Record<string, unknown>, options: {write: boolean}) => Promise<any>}} room */
  constructor(room) {
    this.#room = room;
  }

  /** @param {import("../lib/types.js").Comment} comment */
  async remove(comment) {
    await this.#ask("delete", { comment: comment.id });
    return this.#did("delete", comment.name, null);
  }

  /** @param {{person: string, name: string}} whom @param {number} seconds */
  async timeout(whom, seconds) {
    await this.#ask("timeout", { person: whom.person, seconds });
    return this.#did("timeout", whom.name, () => this.#ask("unban", { person: whom.person }), seconds);
  }

  /** @param {{person: string, name: string}} whom @param {string} [reason] */
  async ban(whom, reason = "") {
    await this.#ask("ban", { person: whom.person, ...(reason && { reason }) });
    return this.#did("ban", whom.name, () => this.#ask("unban", { person: whom.person }));
  }

  /** @param {{person: string, name: string}} whom */
  async unban(whom) {
    await this.#ask("unban", { person: whom.person });
    return this.#did("unban", whom.name, null);
  }

  /** @param {number} seconds 0 switches it off */
  async slowMode(seconds) {
    await this.#ask("slow_mode", { seconds });
  }

  /**
   * Takes an action back, if it can be and its time is not over.
   * @param {number} [now_ms]
   * @param {Done | null} [done] which one; without it the last
   * @returns {Promise<Done | null>} what was taken back
   */
  async undo(now_ms = Date.now(), done = this.#last) {
    if (!done?.undo || now_ms - done.at_ms > UNDO_MS) return null;
    if (done === this.#last) this.#last = null;
    await done.undo();
    return done;
  }

  /** @param {string} type @param {Record<string, unknown>} body */
  #ask(type, body) {
    return this.#room.request(type, body, { write: true });
  }

  /** @param {string} action @param {string} name @param {(() => Promise<unknown>) | null} undo @param {number} [seconds] @returns {Done} */
  #did(action, name, undo, seconds = 0) {
    this.#last = { action, name, seconds, undo, at_ms: Date.now() };
    return this.#last;
  }
}
