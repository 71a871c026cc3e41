import assert from "node:assert/strict";
import { test } from "node:test";
import { byOrder, unread } from "./stock_notice.js";
import { en, zh } from "./stock_words.js";

const lost = { id: "sr_1", found_at_ms: 1, repaired_at_ms: null, seen_at_ms: null, report: null };

test("a paused sale is told until it goes on, a repair until it was read", () => {
  const repaired = { ...lost, repaired_at_ms: 2 };
  assert.deepEqual(unread([lost, repaired, { ...repaired, seen_at_ms: 3 }]), [lost, repaired]);
});

test("an order that goes without several lines is named once", () => {
  const lines = [["a", 1], ["b", 2], ["a", 3]].map(([number, quantity]) => ({ order: `or_${number}`, number: String(number), quantity: Number(quantity) }));
  assert.deepEqual(byOrder(lines), [{ number: "a", count: 4 }, { number: "b", count: 2 }]);
});

test("both languages have the same words", () => {
  assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort());
});
