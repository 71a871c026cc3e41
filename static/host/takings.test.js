import assert from "node:assert/strict";
import { test } from "node:test";
import { takings } from "./takings.js";

/** @param {number} at_ms @param {number} total_minor @param {"paid" | "cancelled"} [state] @param {string} [title] */
const order = (at_ms, total_minor, state = "paid", title = "Oolong") => ({
  state, created_at_ms: at_ms, total_minor,
  lines: [{ title, variant_title: "Bag", quantity: 1, price_minor: total_minor, line_total_minor: total_minor, picture: null }],
});

test("the curve only rises, and ends at all that was paid", () => {
  const { curve_minor, best_step, best_minor } = takings([order(0, 500), order(1_200, 700), order(1_210, 300), order(1_300, 900, "cancelled")], 0, 2_400);
  assert.equal(curve_minor.length, 24);
  assert.equal(curve_minor.at(-1), 1_500);
  assert.ok(curve_minor.every((one, at) => at === 0 || one >= curve_minor[at - 1]));
  assert.deepEqual([best_step, best_minor], [12, 1_000]);
});

test("an order after the end counts into the last step", () => {
  assert.deepEqual(takings([order(9_999, 100)], 0, 1_000).curve_minor.slice(-2), [0, 100]);
});

test("sellers stand by what they brought; without orders there is no best moment", () => {
  assert.deepEqual(takings([order(1, 100, "paid", "Cup"), order(2, 900, "paid", "Pot")], 0, 10).sellers.map(({ title }) => title), ["Pot", "Cup"]);
  assert.equal(takings([], 0, 10).best_step, -1);
});
