import assert from "node:assert/strict";
import { test } from "node:test";
import { questionsOf } from "./questions.js";
import { emptyRoom, withTick, withYou } from "./room_state.js";

const asked = (id, at_ms, more = {}) => ({ id, person: `gu_${id}`, name: id, badge: null, text: id, at_ms, reply_to: null, question: true, state: "open", ...more });
const YOU = { person: "gu_me", name: "Me", kind: "guest", role: "viewer", muted_until_ms: null, banned: false, reservations: [], orders_pending: [], last_order: null, votes: [], choices: {} };

function room(questions, tallies = {}, more = {}) {
  return { ...emptyRoom(), you: YOU, tallies, board: { ...Object.fromEntries(questions.map((one) => [`question:${one.id}`, one])), ...more } };
}

test("the most votes come first, then the oldest; the answered stand apart, the newest first", () => {
  const state = room([asked("co_1", 1), asked("co_2", 2), asked("co_3", 3), asked("co_4", 4, { state: "answered" }), asked("co_5", 5, { state: "answered", answer: { text: "Yes", name: "Host", badge: "host", at_ms: 9 } })], { "ask:co_3": 2, "ask:co_4": 9 });
  const { open, answered } = questionsOf(state);
  assert.deepEqual(open.map(({ id }) => id), ["co_3", "co_1", "co_2"]);
  assert.deepEqual(answered.map(({ id }) => id), ["co_5", "co_4"]);
});

test("the live one is live only while it is open", () => {
  const live = { question: { comment: "co_1" } };
  assert.equal(questionsOf(room([asked("co_1", 1)], {}, live)).live?.id, "co_1");
  assert.equal(questionsOf(room([asked("co_1", 1, { state: "answered" })], {}, live)).live, null);
  assert.equal(questionsOf(room([], {}, live)).live, null);
});

test("one's own vote counts at once, and a sum that has it counts it once", () => {
  const state = withYou(room([asked("co_1", 1)]), { event: "voted", comment: "co_1", on: true });
  assert.deepEqual([questionsOf(state).open[0].votes, questionsOf(state).open[0].voted], [1, true]);
  assert.equal(questionsOf({ ...state, tallies: { "ask:co_1": 1 } }).open[0].votes, 1);
  const back = withYou(state, { event: "voted", comment: "co_1", on: false });
  assert.deepEqual([questionsOf(back).open[0].votes, questionsOf(back).open[0].voted], [0, false]);
});

test("who is heard by nobody sees the own question as asked", () => {
  const { state: _, ...said } = asked("co_9", 9, { person: "gu_me" });
  const state = withTick({ ...room([]), position: { epoch: "e", offset: 1, tag: "t" } }, { type: "tick", position: null, server_time_ms: 1, facts: [], talk: [said], left_out: 0, state: {} });
  assert.deepEqual(questionsOf(state).open.map(({ id, own }) => [id, own]), [["co_9", true]]);
});
