import assert from "node:assert/strict";
import { test } from "node:test";
import { I18n } from "../lib/words/i18n.js";
import { actionWords, before } from "./events_pane.js";
import { en, zh } from "./words.js";

const { t } = new I18n({ en: [en], zh: [zh] }, { getItem: () => null, setItem: () => {} }, ["en"]);

test("a pin is told as one, and what this page has no words for as something", () => {
  assert.equal(actionWords(t, { action: "pin", actor: "ac_1", actor_name: "Mei" }), "Mei pinned a message");
  assert.equal(actionWords(t, { action: "paint", actor: "ac_1", actor_name: "Mei" }), "Mei changed something");
});

test("what was switched off is told as that", () => {
  assert.equal(actionWords(t, { action: "undo", actor: "ac_1", actor_name: "Mei", target: "cm_1" }), "Mei took an action back");
  assert.equal(actionWords(t, { action: "shield", actor: "system" }), "The server lowered the shield");
  assert.equal(actionWords(t, { action: "show_question", actor: "ac_1", actor_name: "Mei", target: null }), "Mei took the question off the screens");
});

test("the record tells what was before the page was opened, and nothing twice", () => {
  const told = /** @type {any[]} */ ([{ action_id: "ma_3", at_ms: 30 }, { action_id: "ma_4", at_ms: 40 }]);
  const recorded = [4, 3, 2, 1].map((number) => ({ action_id: `ma_${number}`, at_ms: number * 10 }));
  assert.deepEqual(before(recorded, told).map(({ action_id }) => action_id), ["ma_2", "ma_1"]);
  assert.deepEqual(before(recorded, []), recorded);
});
