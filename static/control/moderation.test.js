import assert from "node:assert/strict";
import { test } from "node:test";
import { Moderation, spanKey, undoable } from "./moderation.js";

class Room {
  /** @type {[string, Record<string, unknown>][]} */
  asked = [];

  /** @param {string} type @param {Record<string, unknown>} body */
  async request(type, body) {
    this.asked.push([type, body]);
    return { action: `ma_${this.asked.length}` };
  }
}

const MEI = { person: "gu_1", name: "Mei" };
const SAID = { id: "co_1", person: "gu_1", name: "Mei", badge: null, text: "", at_ms: 0, reply_to: null };

test("u takes one's own actions back one after another, the newest first", async () => {
  const room = new Room();
  const moderation = new Moderation(room);
  await moderation.remove(SAID);
  await moderation.ban(MEI);
  assert.equal((await moderation.undo())?.action, "ban");
  assert.equal((await moderation.undo())?.action, "delete");
  assert.equal(await moderation.undo(), null);
  assert.deepEqual(room.asked.slice(2), [["undo", { action: "ma_2" }], ["undo", { action: "ma_1" }]]);
});

test("a toast's Undo takes its own action back, not the newest", async () => {
  const room = new Room();
  const moderation = new Moderation(room);
  const first = await moderation.ban({ person: "gu_1", name: "Mei" });
  await moderation.ban({ person: "gu_2", name: "Wu" });
  assert.equal((await moderation.undo(first))?.name, "Mei");
  assert.deepEqual(room.asked.at(-1), ["undo", { action: "ma_1" }]);
  assert.equal((await moderation.undo())?.name, "Wu");
});

test("a refused action leaves nothing to undo", async () => {
  const moderation = new Moderation({ request: async () => { throw new Error("not_allowed"); } });
  await assert.rejects(moderation.ban(MEI));
  assert.equal(await moderation.undo(), null);
});

test("an undo that got no answer can be tried again, before any older one", async () => {
  const room = new Room();
  const moderation = new Moderation(room);
  await moderation.remove(SAID);
  await moderation.ban(MEI);
  const { request } = room;
  room.request = async () => { throw Object.assign(new Error("gone"), { code: "unavailable" }); };
  await assert.rejects(moderation.undo());
  room.request = async () => { throw Object.assign(new Error("late"), { code: "cannot_undo" }); };
  await assert.rejects(moderation.undo());
  room.request = request;
  assert.equal((await moderation.undo())?.action, "delete");
  assert.equal(await moderation.undo(), null);
});

test("nothing offers to take back what the server takes back for nobody", async () => {
  const moderation = new Moderation(new Room());
  assert.equal((await moderation.deny(SAID)).id, null);
  assert.equal(await moderation.undo(), null);
  assert.equal(undoable([], /** @type {any} */ ({ kind: "moderation", action: "deny", action_id: "ma_1" }), 0), false);
});

test("a ban says only what it is meant to cover", async () => {
  const room = new Room();
  const moderation = new Moderation(room);
  await moderation.ban(MEI, { seconds: 3600, device: true, reason: "spam" });
  await moderation.ban(MEI);
  assert.deepEqual(room.asked, [["ban", { person: "gu_1", seconds: 3600, device: true, reason: "spam" }], ["ban", { person: "gu_1" }]]);
});

test("a question is shown, answered aloud or in writing; none is shown by naming none", async () => {
  const room = new Room();
  const moderation = new Moderation(room);
  await moderation.showQuestion(SAID);
  await moderation.answerQuestion(SAID, null);
  await moderation.answerQuestion(SAID, "Yes");
  const down = await moderation.showQuestion(null);
  assert.deepEqual(room.asked, [
    ["show_question", { comment: "co_1" }], ["answer_question", { comment: "co_1" }], ["answer_question", { comment: "co_1", text: "Yes" }], ["show_question", { comment: null }],
  ]);
  assert.equal(down.name, "");
});

test("a poll's opening and end cannot be taken back", () => {
  for (const action of ["open_poll", "close_poll", "dismiss_poll"]) {
    assert.ok(!undoable([], { kind: "moderation", action, at_ms: 0, seq: 0, action_id: "ma_1" }, 0));
  }
});

test("a span says how long it is, also one of no usual length", () => {
  assert.equal(spanKey(60), "control.span.60");
  assert.equal(spanKey(604_800), "control.span.604800");
  assert.equal(spanKey(77), "control.span.other");
});

test("what was undone, what is over and what only tells something cannot be taken back", () => {
  const fact = (/** @type {Record<string, unknown>} */ more) => ({ kind: "moderation", action: "ban", at_ms: 0, seq: 0, action_id: "ma_1", ...more });
  const ban = fact({});
  assert.ok(undoable([ban], ban, 0));
  assert.ok(!undoable([ban, fact({ action: "undo", action_id: "ma_2", undo_of: "ma_1" })], ban, 0));
  const timeout = fact({ action: "timeout", expires_at_ms: 5_000 });
  assert.ok(undoable([timeout], timeout, 4_999));
  assert.ok(!undoable([timeout], timeout, 5_000));
  assert.ok(!undoable([], fact({ action: "report" }), 0));
  assert.ok(!undoable([], fact({ action_id: undefined }), 0));
});
