import assert from "node:assert/strict";
import { test } from "node:test";
import { Moderation, UNDO_MS, liftable, spanKey } from "./moderation.js";

class Room {
  /** @type {[string, Record<string, unknown>][]} */
  asked = [];

  /** @param {string} type @param {Record<string, unknown>} body */
  async request(type, body) {
    this.asked.push([type, body]);
  }
}

const MEI = { person: "gu_1", name: "Mei" };

test("a ban is taken back once, within its time", async () => {
  const room = new Room();
  const moderation = new Moderation(room);
  await moderation.ban(MEI);
  assert.equal((await moderation.undo())?.action, "ban");
  assert.equal(await moderation.undo(), null);
  assert.deepEqual(room.asked, [["ban", { person: "gu_1" }], ["unban", { person: "gu_1" }]]);
});

test("nothing is taken back when its time is over", async () => {
  const room = new Room();
  const moderation = new Moderation(room);
  await moderation.timeout(MEI, 60);
  assert.equal(await moderation.undo(Date.now() + UNDO_MS + 1), null);
  assert.equal(room.asked.length, 1);
});

test("a deleted comment does not come back", async () => {
  const room = new Room();
  const moderation = new Moderation(room);
  await moderation.remove({ id: "co_1", person: "gu_1", name: "Mei", badge: null, text: "", at_ms: 0, reply_to: null });
  assert.equal(await moderation.undo(), null);
});

test("an older toast's Undo takes its own action back, not the newest", async () => {
  const room = new Room();
  const moderation = new Moderation(room);
  const first = await moderation.ban({ person: "gu_1", name: "Mei" });
  await moderation.ban({ person: "gu_2", name: "Wu" });
  assert.equal((await moderation.undo(Date.now(), first))?.name, "Mei");
  assert.deepEqual(room.asked.at(-1), ["unban", { person: "gu_1" }]);
});

test("a time-out says how long it is, also one of no usual length", async () => {
  const moderation = new Moderation(new Room());
  assert.equal((await moderation.timeout(MEI, 60)).seconds, 60);
  assert.equal((await moderation.ban(MEI)).seconds, 0);
  assert.equal(spanKey(60), "control.span.60");
  assert.equal(spanKey(77), "control.span.other");
});

test("only the last thing done to a person is lifted, and a timeout only while it lasts", () => {
  const fact = (/** @type {string} */ action, /** @type {string} */ target, expires_at_ms = null) => ({ kind: "moderation", action, target, expires_at_ms, at_ms: 0, seq: 0 });
  const [ban, unban, timeout, other] = [fact("ban", "gu_1"), fact("unban", "gu_1"), fact("timeout", "gu_2", 5_000), fact("delete", "gu_1")];
  assert.ok(liftable([other, ban, timeout], ban, 0));
  assert.ok(!liftable([unban, ban], ban, 0));
  assert.ok(!liftable([unban, ban], unban, 0));
  assert.ok(liftable([timeout], timeout, 4_999));
  assert.ok(!liftable([timeout], timeout, 5_000));
});
