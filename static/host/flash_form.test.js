import assert from "node:assert/strict";
import { test } from "node:test";
import { PRESETS, faults, filled } from "./flash_form.js";

const stock = (/** @type {number} */ available) => ({ available, held: 0, sold: 0, total: available });

test("a preset is filled in from the variant it is for", () => {
  assert.deepEqual(filled(PRESETS[0], { price_minor: 1000, stock: stock(9) }, "USD"), { price: "8.00", quantity: "4", limit: "1", minutes: "2" });
  assert.equal(filled(PRESETS[0], { price_minor: 19_999_999, stock: stock(200) }, "JPY").price, "15999999");
});

test("each wrong field is named, and a right form has none", () => {
  const right = { price: "8", quantity: "2", limit: "1", minutes: "0.5" };
  assert.deepEqual(faults(right, 2, "USD"), {});
  assert.deepEqual(faults({ price: "0", quantity: "3", limit: "1.5", minutes: "" }, 2, "USD"),
    { price: "flash.bad_price", quantity: "flash.bad_quantity", limit: "flash.bad_limit", minutes: "flash.bad_minutes" });
  assert.deepEqual(faults(right, 0, "USD"), { quantity: "flash.no_stock" });
});
