/** What the viewers ask, read off the room's state. No DOM. */

const NAME = "question:";

/** @typedef {import("../types.js").Question} Asked a question as the board has it */
/** @typedef {Asked & {votes: number, voted: boolean, own: boolean}} Question votes: of others and one's own; own: nobody votes for one's own */

/**
 * All questions: the open ones with the most votes first, then the oldest; the answered ones with the newest first.
 * `live` is the one that is answered right now, among the open ones too.
 * @param {import("./room_state.js").RoomState} state
 * @returns {{live: Question | null, open: Question[], answered: Question[]}}
 */
export function questionsOf(state) {
  const asked = Object.entries(state.board).filter(([name]) => name.startsWith(NAME)).map(([, value]) => question(state, value));
  // The words of who is heard by nobody reach their own screen as everybody else's do.
  const unheard = state.comments.filter((one) => one.echoed && one.question).map((one) => question(state, { ...one, state: "open", answer: null }));
  const all = [...asked, ...unheard];
  const open = all.filter((one) => one.state === "open").sort((one, other) => other.votes - one.votes || one.at_ms - other.at_ms);
  const answered = all.filter((one) => one.state === "answered").sort((one, other) => answered_ms(other) - answered_ms(one));
  return { live: open.find(({ id }) => id === state.board.question?.comment) ?? null, open, answered };
}

/** @param {Asked} one @returns {number} */
function answered_ms(one) {
  return one.answer?.at_ms ?? one.at_ms;
}

/** @param {import("./room_state.js").RoomState} state @param {Asked} asked @returns {Question} */
function question(state, asked) {
  const voted = state.you?.votes?.includes(asked.id) ?? false;
  const votes = Math.max(state.tallies[`ask:${asked.id}`] ?? 0, voted ? 1 : 0);
  return { ...asked, votes, voted, own: asked.person === state.you?.person };
}
