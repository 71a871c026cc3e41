import assert from "node:assert/strict";
import { test } from "node:test";
import { currencyOptions, likelyCurrency } from "./currencies.js";

test("the currency of the browser's region is offered first", () => {
  assert.equal(likelyCurrency(["zh-CN", "en"]), "CNY");
  assert.equal(likelyCurrency(["ja"]), "JPY");
  assert.equal(likelyCurrency(["de-AT"]), "EUR");
});

test("a region without a currency here leads to the next language, then to dollars", () => {
  assert.equal(likelyCurrency(["pt-BR", "en-GB"]), "GBP");
  assert.equal(likelyCurrency([]), "USD");
});

test("a currency is named beside its code", () => {
  assert.ok(currencyOptions("en").some(({ value, label }) => value === "KWD" && label === "KWD · Kuwaiti Dinar"));
});
