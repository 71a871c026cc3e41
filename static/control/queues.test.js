import assert from "node:assert/strict";
import { test } from "node:test";
import { answering, queuesOf, shieldLeft } from "./queues.js";

const comment = (/** @type {string} */ id, at_ms = 0) => ({ id, person: "gu_1", name: "Mei", badge: null, text: "hi", at_ms, reply_to: null });

test("what waits is sorted into its queues, the oldest first, and the room's own board is none of it", () => {
  const queues = queuesOf({
    "staff:held:co_2": { comment: comment("co_2", 20), why: ["term"], expires_at_ms: 100 },
    "staff:held:co_1": { comment: comment("co_1", 10), why: ["suspect"], expires_at_ms: 100 },
    "staff:report:co_3": { comment: comment("co_3"), whys: { spam: 2 }, total: 2, texts: ["again"], last_at_ms: 5 },
    "staff:suspect:gu_2": { person: "gu_2", name: "Wu", whys: ["evasion"], score: 4, at_ms: 1 },
    "staff:unban:gu_3": { person: "gu_3", name: "Lin", message: "sorry", bans: ["device"], at_ms: 1 },
    "staff:answering:co_1": { person: "ac_1", name: "Mo", at_ms: 1 },
    modes: { unique: true },
  }, 50);
  assert.deepEqual(queues.held.map(({ comment: one }) => one?.id), ["co_1", "co_2"]);
  assert.deepEqual(queues.report[0].whys, ["spam 2", "“again”"]);
  assert.deepEqual([queues.suspect[0].name, queues.unban[0].words, queues.unban[0].whys], ["Wu", "sorry", ["banned_device"]]);
});

test("a held comment whose time is over waits no longer", () => {
  const board = { "staff:held:co_1": { comment: comment("co_1"), why: [], expires_at_ms: 100 } };
  assert.equal(queuesOf(board, 99).held.length, 1);
  assert.equal(queuesOf(board, 100).held.length, 0);
});

test("who said two minutes ago that they are answering has forgotten it", () => {
  const board = { "staff:answering:co_1": { person: "ac_1", name: "Mo", at_ms: 1_000 } };
  assert.equal(answering(board, 2_000).get("co_1")?.name, "Mo");
  assert.equal(answering(board, 121_000).size, 0);
});

test("the shield holds until its end and no longer", () => {
  assert.equal(shieldLeft({ shield: { until_ms: 5_000 } }, 4_000), 1_000);
  assert.equal(shieldLeft({ shield: { until_ms: 5_000 } }, 6_000), 0);
  assert.equal(shieldLeft({}, 0), 0);
});
