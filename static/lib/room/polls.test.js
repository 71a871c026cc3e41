import assert from "node:assert/strict";
import { test } from "node:test";
import { pastPolls, percents, pollOf } from "./polls.js";
import { emptyRoom } from "./room_state.js";

const poll = (more = {}) => ({ id: "pl_1", question: "Which?", choices: ["Green", "Blue", "Red"], hidden: false, opened_at_ms: 1000, ends_at_ms: 5000, closed_at_ms: null, ...more });
const room = (of, tallies = {}, choices = {}) => ({ ...emptyRoom(), board: { poll: of }, tallies, you: /** @type {any} */ ({ person: "gu_1", choices }) });
const sums = (...counts) => Object.fromEntries(counts.map((count, at) => [`poll:pl_1:${at}`, count]));

test("percents are whole and sum to 100 whatever the counts", () => {
  assert.deepEqual(percents([1, 1, 1]), [34, 33, 33]);
  assert.deepEqual(percents([0, 0]), [0, 0]);
  assert.deepEqual(percents([1, 2]), [33, 67]);
  for (let first = 0; first < 9; first++) for (let second = 0; second < 9; second++) for (let third = 1; third < 9; third++) {
    const shares = percents([first, second, third, 1]);
    assert.equal(shares.reduce((sum, share) => sum + share, 0), 100);
    assert.ok(shares.every((share) => share >= 0));
  }
});

test("it is over by the shop's clock or because it was closed, and only then has a winner", () => {
  const counts = sums(1, 3, 3);
  assert.equal(pollOf(room(poll(), counts), 4999)?.over, false);
  assert.deepEqual(pollOf(room(poll(), counts), 4999)?.choices.map(({ won }) => won), [false, false, false]);
  assert.equal(pollOf(room(poll(), counts), 5000)?.over, true);
  assert.deepEqual(pollOf(room(poll({ closed_at_ms: 2000 }), counts), 2001)?.choices.map(({ won }) => won), [false, true, true]);
  assert.deepEqual(pollOf(room(poll(), sums(0, 0, 0)), 5000)?.choices.map(({ won }) => won), [false, false, false]);
  assert.equal(pollOf(room(poll({ ends_at_ms: null })), 1e15)?.over, false);
});

test("hidden votes are not told before the end; how many voted is", () => {
  const before = pollOf(room(poll({ hidden: true }), { "poll:pl_1": 7 }, { pl_1: 2 }), 2000);
  assert.deepEqual([before?.told, before?.voted, before?.mine], [false, 7, 2]);
  const after = pollOf(room(poll({ hidden: true }), sums(2, 4, 1), { pl_1: 2 }), 6000);
  assert.deepEqual([after?.told, after?.voted, after?.choices[2].mine], [true, 7, true]);
});

test("hidden votes are known to staff before the end, and told apart from what all know", () => {
  const early = { "poll:pl_1": 7, "staff:poll:pl_1:0": 1, "staff:poll:pl_1:1": 6, "staff:poll:pl_1:2": 0 };
  const before = pollOf(room(poll({ hidden: true }), early), 2000);
  assert.deepEqual([before?.told, before?.early, before?.voted, before?.choices.map(({ votes }) => votes)], [true, true, 7, [1, 6, 0]]);
  const after = pollOf(room(poll({ hidden: true }), { ...early, ...sums(2, 6, 0) }), 6000);
  assert.deepEqual([after?.early, after?.voted], [false, 8]);
});

test("those before it keep their results, the newest first", () => {
  const board = { "staff:poll:pl_1": poll({ results: [1, 2, 0] }), "staff:poll:pl_2": poll({ id: "pl_2", opened_at_ms: 2000, results: [0, 0, 0] }), "staff:note": 1 };
  assert.deepEqual(pastPolls(board).map(({ id, voted }) => [id, voted]), [["pl_2", 0], ["pl_1", 3]]);
  assert.equal(pollOf({ ...emptyRoom(), board: {} }, 1), null);
});
