import assert from "node:assert/strict";
import { test } from "node:test";
import { exponent, formatMoney, parseMoney, plainMoney } from "./money.js";

test("a currency is shown with its own number of digits", () => {
  assert.equal(formatMoney(1200, "USD"), "$12.00");
  assert.equal(formatMoney(1200, "JPY"), "¥1,200");
  assert.equal(formatMoney(1250, "KWD").replace(/\s/g, " "), "KWD 1.250");
  assert.equal(formatMoney(123456789, "EUR"), "€1,234,567.89");
});

test("digits follow ISO 4217 where the browser's own tables do not", () => {
  assert.equal(exponent("LAK"), 2);
  assert.equal(exponent("CLF"), 4);
  assert.match(formatMoney(150, "LAK"), /1\.50/);
});

test("what somebody typed becomes minor units, or null", () => {
  const cases = [
    ["12.50", "USD", 1250], ["12,5", "EUR", 1250], ["1,200", "JPY", 1200], ["1,200", "USD", 120000],
    ["1.250", "KWD", 1250], ["1 234.56", "USD", 123456], ["12", "USD", 1200], ["0.01", "USD", 1],
    ["", "USD", null], ["-1", "USD", null], ["12.345.6a", "USD", null], ["1e5", "USD", null], ["12.3456", "USD", null],
    ["99999999999999999999", "USD", null],
  ];
  for (const [text, currency, expected] of cases) assert.equal(parseMoney(text, currency), expected, `${text} ${currency}`);
});

test("a price written into a field is read back as the same price", () => {
  for (const currency of ["USD", "JPY", "KWD"]) {
    for (const amount of [0, 1, 99, 1234567]) assert.equal(parseMoney(plainMoney(amount, currency), currency), amount);
  }
});
