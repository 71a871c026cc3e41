import assert from "node:assert/strict";
import { test } from "node:test";
import { buyerName } from "./buyer_name.js";

const t = (/** @type {string} */ key) => `<${key}>`;

test("a buyer without a name is somebody in the reader's language", () => {
  assert.equal(buyerName(t, "Someone"), "<order.someone>");
});

test("a name is left as it is", () => {
  assert.equal(buyerName(t, "小雨"), "小雨");
});
