/** What a moderator can do, each with the id by which it is taken back. No DOM. */

export const TIMEOUTS_S = Object.freeze([10, 60, 300, 600, 1800, 86_400]);
export const BANS_S = Object.freeze([0, 3_600, 86_400, 604_800]);
export const SHIELD_S = 600;
export const UNDO_MS = 8_000;

/** @typedef {{person: string, name: string}} Whom */
/** @typedef {{action: string, id: string | null, name: string, seconds: number, at_ms: number}} Done id: what `undo` names, null when it cannot be taken back; seconds: how long, 0 for no end */

/** @param {number} seconds @returns {string} the key of the words for a span of time */
export function spanKey(seconds) {
  return `control.span.${TIMEOUTS_S.includes(seconds) || BANS_S.includes(seconds) ? seconds : "other"}`;
}

/** Actions that change nothing that could be put back. */
const FINAL = Object.freeze(["acknowledge", "undo", "report", "unban_request", "strike", "hold", "deny", "expire", "suspect", "open_poll", "close_poll", "dismiss_poll"]);
/** Refusals after which trying the same undo again is of no use. */
const NO_WAY_BACK = Object.freeze(["cannot_undo", "no_such_action", "not_allowed"]);

/**
 * Whether this action of the log can be taken back here: it has an id, nobody has undone it, and it still holds.
 * @param {import("../lib/types.js").Fact[]} events
 * @param {import("../lib/types.js").Fact} fact
 * @param {number} now_ms the shop's clock
 * @returns {boolean}
 */
export function undoable(events, fact, now_ms) {
  if (fact.kind !== "moderation" || !fact.action_id || FINAL.includes(fact.action)) return false;
  if (events.some((one) => one.undo_of === fact.action_id)) return false;
  return !fact.expires_at_ms || fact.expires_at_ms > now_ms;
}

export class Moderation {
  #room;
  /** @type {Done[]} newest last */
  #done = [];

  /** @param {{request: (type: string, body: Record<string, unknown>, options: {write: boolean}) => Promise<any>}} room */
  constructor(room) {
    this.#room = room;
  }

  /** @param {import("../lib/types.js").Comment} comment */
  remove(comment) {
    return this.#act("delete", { comment: comment.id }, comment.name);
  }

  /** Everything a person has said so far. @param {Whom} whom */
  removeAll(whom) {
    return this.#act("delete_person", { person: whom.person }, whom.name);
  }

  /** @param {Whom} whom @param {number} seconds @param {string} [reason] */
  timeout(whom, seconds, reason = "") {
    return this.#act("timeout", { person: whom.person, seconds, ...(reason && { reason }) }, whom.name, seconds);
  }

  /** @param {Whom} whom @param {{reason?: string, seconds?: number, device?: boolean, address?: boolean}} [how] seconds 0: for good */
  ban(whom, { reason = "", seconds = 0, device = false, address = false } = {}) {
    const terms = { ...(seconds && { seconds }), ...(device && { device }), ...(address && { address }), ...(reason && { reason }) };
    return this.#act("ban", { person: whom.person, ...terms }, whom.name, seconds);
  }

  /** Lifts everything that holds against a person. @param {Whom} whom */
  unban(whom) {
    return this.#act("unban", { person: whom.person }, whom.name);
  }

  /** @param {Whom} whom */
  shadowBan(whom) {
    return this.#act("shadow_ban", { person: whom.person }, whom.name);
  }

  /** @param {Whom} whom @param {string} text what they must read before they go on */
  warn(whom, text) {
    return this.#act("warn", { person: whom.person, text }, whom.name);
  }

  /** @param {import("../lib/types.js").Comment} comment one that is held for review */
  approve(comment) {
    return this.#act("approve", { comment: comment.id }, comment.name);
  }

  /** @param {import("../lib/types.js").Comment} comment */
  deny(comment) {
    return this.#act("deny", { comment: comment.id }, comment.name);
  }

  /** Takes a report, a suspicion or a request off the list. @param {string} name of the case on the board @param {string} who */
  dismiss(name, who) {
    return this.#act("dismiss", { case: name }, who);
  }

  /** Keeps a comment on every screen. @param {import("../lib/types.js").Comment} comment */
  pin(comment) {
    return this.#act("pin_message", { comment: comment.id }, comment.name);
  }

  unpin() {
    return this.#act("unpin_message", {}, "");
  }

  /** Puts a question up on every screen as the one that is answered now. @param {import("../lib/types.js").Comment | null} question null takes it down */
  showQuestion(question) {
    return this.#act("show_question", { comment: question?.id ?? null }, question?.name ?? "");
  }

  /** @param {import("../lib/types.js").Comment} question @param {string | null} text what was answered, null when it was aloud */
  answerQuestion(question, text) {
    return this.#act("answer_question", { comment: question.id, ...(text && { text }) }, question.name);
  }

  /** @param {import("../lib/types.js").Comment} question */
  dismissQuestion(question) {
    return this.#act("dismiss_question", { comment: question.id }, question.name);
  }

  /** @param {{question: string, choices: string[], seconds: number | null, hidden: boolean}} poll seconds null: until it is closed */
  openPoll(poll) {
    return this.#act("open_poll", poll, "");
  }

  /** @param {string} poll */
  closePoll(poll) {
    return this.#act("close_poll", { poll }, "");
  }

  /** @param {string} poll */
  dismissPoll(poll) {
    return this.#act("dismiss_poll", { poll }, "");
  }

  /** @param {number} seconds 0 switches it off */
  slowMode(seconds) {
    return this.#act("slow_mode", { seconds }, "", seconds);
  }

  /** @param {Record<string, unknown> | null} modes all of them; null goes back to the shop's rules */
  modes(modes) {
    return this.#act("modes", { modes }, "");
  }

  /** @param {number} seconds 0 takes it down */
  shield(seconds) {
    return this.#act("shield", { seconds }, "", seconds);
  }

  /** Tells the other moderators that somebody is at it. @param {string} comment @param {boolean} on */
  answering(comment, on) {
    return this.#room.request("answering", { comment, on }, { write: true });
  }

  /** @param {string} text @param {string} [about] a comment or a person */
  say(text, about = "") {
    return this.#room.request("staff_note", { text, ...(about && { about }) }, { write: true });
  }

  /**
   * Takes an action back, if it can be: without one, the newest of one's own. One that failed on the way is still the newest.
   * @param {Done | null} [done]
   * @returns {Promise<Done | null>} what was taken back
   */
  async undo(done = this.#done.at(-1) ?? null) {
    if (!done?.id) return null;
    const at = this.#done.indexOf(done);
    if (at >= 0) this.#done.splice(at, 1); // before the answer: a second press means the one before it
    try {
      await this.undoAction(done.id);
    } catch (error) {
      const { code = "" } = /** @type {{code?: string}} */ (error);
      if (at >= 0 && !NO_WAY_BACK.includes(code)) this.#done.splice(at, 0, done);
      throw error;
    }
    return done;
  }

  /** Takes any action of the log back. @param {string} id */
  undoAction(id) {
    return this.#room.request("undo", { action: id }, { write: true });
  }

  /** @param {string} action @param {Record<string, unknown>} body @param {string} name @param {number} [seconds] @returns {Promise<Done>} */
  async #act(action, body, name, seconds = 0) {
    const answer = await this.#room.request(action, body, { write: true });
    const id = FINAL.includes(action) ? null : answer?.action ?? null;
    const done = { action, id, name, seconds, at_ms: Date.now() };
    if (done.id) this.#done.push(done);
    return done;
  }
}
