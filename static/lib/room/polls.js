/** The poll on the screens and those before it, read off the room's state. No DOM. */

/** On the board: those before it; among the tallies: how votes stand that nobody else is told yet. */
const STAFF_POLL = "staff:poll:";

/** @typedef {import("../types.js").Poll} Poll */
/** @typedef {{text: string, votes: number, percent: number, won: boolean, mine: boolean}} Choice */
/** @typedef {{id: string, question: string, choices: Choice[], hidden: boolean, ends_at_ms: number | null, over: boolean, told: boolean, early: boolean, voted: number, mine: number | null}} PollView told: the votes are known; early: they are, to staff alone, before the end; voted: how many people; mine: which choice is one's own */

/**
 * Whole percents that sum to 100 (the largest remainders are rounded up), or all 0 when nobody voted.
 * @param {number[]} counts
 * @returns {number[]}
 */
export function percents(counts) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!total) return counts.map(() => 0);
  const shares = counts.map((count) => (count * 100) / total);
  const whole = shares.map(Math.floor);
  const missing = 100 - whole.reduce((sum, share) => sum + share, 0);
  const order = shares.map((share, at) => ({ at, rest: share - whole[at] })).sort((one, other) => other.rest - one.rest || one.at - other.at);
  for (const { at } of order.slice(0, missing)) whole[at] += 1;
  return whole;
}

/**
 * @param {Poll} poll
 * @param {number[] | null} counts null: not told yet
 * @param {{over: boolean, mine: number | null, early?: boolean, voted?: number}} about
 * @returns {PollView}
 */
function view(poll, counts, { over, mine, early = false, voted }) {
  const votes = counts ?? poll.choices.map(() => 0);
  const shares = percents(votes);
  const most = Math.max(...votes);
  const choices = poll.choices.map((text, at) => ({ text, votes: votes[at], percent: shares[at], won: over && most > 0 && votes[at] === most, mine: mine === at }));
  const { id, question, hidden, ends_at_ms } = poll;
  return { id, question, choices, hidden, ends_at_ms, over, told: counts !== null, early, voted: voted ?? votes.reduce((sum, count) => sum + count, 0), mine };
}

/** @param {Poll} poll @param {Record<string, number>} tallies @param {string} head of their names @returns {number[] | null} */
function countsOf(poll, tallies, head) {
  const counts = poll.choices.map((_, at) => tallies[`${head}${poll.id}:${at}`]);
  return counts.some((count) => count === undefined) ? null : counts;
}

/**
 * The poll on the screens as one person sees it.
 * @param {import("./room_state.js").RoomState} state
 * @param {number} now_ms the shop's clock
 * @returns {PollView | null}
 */
export function pollOf(state, now_ms) {
  /** @type {Poll | undefined} */
  const poll = state.board.poll;
  if (!poll) return null;
  const told = countsOf(poll, state.tallies, "poll:");
  const counts = told ?? countsOf(poll, state.tallies, STAFF_POLL);
  const over = poll.closed_at_ms !== null || (poll.ends_at_ms !== null && now_ms >= poll.ends_at_ms);
  const mine = state.you?.choices?.[poll.id] ?? null;
  return view(poll, counts, { over, mine, early: told === null && counts !== null, voted: counts ? undefined : state.tallies[`poll:${poll.id}`] ?? 0 });
}

/**
 * The show's polls that were taken down, the newest first. Staff only: nobody else is told of them.
 * @param {Record<string, any>} board
 * @returns {PollView[]}
 */
export function pastPolls(board) {
  const polls = /** @type {Poll[]} */ (Object.entries(board).filter(([name]) => name.startsWith(STAFF_POLL)).map(([, value]) => value));
  return polls.sort((one, other) => other.opened_at_ms - one.opened_at_ms).map((poll) => view(poll, poll.results ?? null, { over: true, mine: null }));
}
