import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder, lowestPrice, stockOf } from "./shelf_words.js";

test("shows stand as live, next, and over with the latest first", () => {
  const shows = /** @type {const} */ ([
    { state: "ended", starts_at_ms: 1 }, { state: "scheduled", starts_at_ms: 9 }, { state: "ended", starts_at_ms: 3 },
    { state: "live", starts_at_ms: 5 }, { state: "scheduled", starts_at_ms: 7 },
  ]);
  assert.deepEqual(inOrder(shows).map(({ starts_at_ms }) => starts_at_ms), [5, 7, 9, 3, 1]);
});

test("a product's stock is that of all its variants, and unknown when one is", () => {
  const one = { available: 3, held: 1, sold: 2, total: 6 };
  assert.deepEqual(stockOf({ variants: [{ stock: one }, { stock: one }] }), { available: 6, held: 2, sold: 4, total: 12 });
  assert.equal(stockOf({ variants: [{ stock: one }, { stock: null }] }), null);
});

test("a product of several prices has the lowest, and one without variants none", () => {
  assert.deepEqual(lowestPrice({ variants: [{ price_minor: 9 }, { price_minor: 5 }] }), { price_minor: 5, from: true });
  assert.deepEqual(lowestPrice({ variants: [{ price_minor: 5 }, { price_minor: 5 }] }), { price_minor: 5, from: false });
  assert.equal(lowestPrice({ variants: [] }), null);
});
