/** What waits for a moderator, read off the room's board. No DOM. */

const ANSWERING_MS = 120_000;

/** @typedef {import("../lib/types.js").Comment} Comment */
/** @typedef {{id: string, kind: "held" | "report" | "suspect" | "unban", person: string, name: string, comment: Comment | null, words: string, whys: string[], at_ms: number}} Case id: its name on the board; words: what was said or asked; whys: why it is here */

/** @typedef {"held" | "report" | "suspect" | "unban"} Queue */
export const QUEUES = Object.freeze(/** @type {const} */ (["held", "report", "suspect", "unban"]));

/**
 * All queues, each with the oldest case first.
 * @param {Record<string, any>} board
 * @param {number} now_ms the shop's clock
 * @returns {Record<Queue, Case[]>}
 */
export function queuesOf(board, now_ms) {
  /** @type {Record<Queue, Case[]>} */
  const queues = { held: [], report: [], suspect: [], unban: [] };
  for (const [name, value] of Object.entries(board)) {
    const kind = /** @type {Queue} */ (name.split(":")[1]);
    if (!name.startsWith("staff:") || !QUEUES.includes(kind) || !value) continue;
    if (value.expires_at_ms && value.expires_at_ms <= now_ms) continue;
    queues[kind].push(READ[kind](name, value));
  }
  for (const cases of Object.values(queues)) cases.sort((one, other) => one.at_ms - other.at_ms);
  return queues;
}

/** @type {Record<Queue, (id: string, value: any) => Case>} */
const READ = {
  held: (id, { comment, why = [] }) => ({ ...said(comment), id, kind: "held", whys: why, at_ms: comment.at_ms ?? 0 }),
  report: (id, { comment, whys = {}, last_at_ms = 0, texts = [] }) => ({
    ...said(comment), id, kind: "report", at_ms: last_at_ms,
    whys: [...Object.entries(whys).map(([why, count]) => `${why} ${count}`), ...texts.map((/** @type {string} */ text) => `“${text}”`)],
  }),
  suspect: (id, { person, name = "", whys = [], at_ms = 0 }) => ({ id, kind: "suspect", person, name, comment: null, words: "", whys, at_ms }),
  unban: (id, { person, name = "", message = "", bans = [], at_ms = 0 }) => ({
    id, kind: "unban", person, name, comment: null, words: message, at_ms, whys: bans.map((/** @type {string} */ what) => `banned_${what}`),
  }),
};

/** @param {Comment} comment */
function said(comment) {
  return { person: comment.person, name: comment.name, comment, words: comment.text };
}

/**
 * Who is answering which comment.
 * @param {Record<string, any>} board
 * @param {number} now_ms the shop's clock; who said so long ago has forgotten it
 * @returns {Map<string, {person: string, name: string}>}
 */
export function answering(board, now_ms) {
  const found = new Map();
  for (const [name, value] of Object.entries(board)) {
    if (name.startsWith("staff:answering:") && value && now_ms - value.at_ms < ANSWERING_MS) found.set(name.slice("staff:answering:".length), value);
  }
  return found;
}

/**
 * @param {Record<string, any>} board
 * @param {number} now_ms the shop's clock
 * @returns {number} how long the shield still holds, 0 when it is down
 */
export function shieldLeft(board, now_ms) {
  return Math.max(0, (board.shield?.until_ms ?? 0) - now_ms);
}
