import assert from "node:assert/strict";
import { test } from "node:test";
import { addressForm, addressLines, inRows, regionText, regionsOf, tidyPostcode } from "./places.js";

const whole = { line1: "1 Main St", line2: null, city: "Springfield", region: "IL", postcode: "62704", country: "US" };

test("every country has a form, and those with regions ask for one", () => {
  assert.deepEqual(addressForm("US").fields, ["line1", "line2", "city", "region", "postcode"]);
  assert.ok(addressForm("US").required.has("region"));
  assert.ok(!addressForm("HK").fields.includes("postcode"));
  assert.ok(addressForm("BA").required.has("postcode"));
  assert.ok(!addressForm("AE").fields.includes("postcode"));
  assert.equal(regionsOf("US").length, 54);
  assert.deepEqual(regionsOf("DE"), []);
});

test("a postcode is checked in capitals", () => {
  assert.ok(addressForm("GB").postcode?.test(tidyPostcode(" yo1  7ep ")));
  assert.ok(!addressForm("US").postcode?.test("6270"));
});

test("a region is written in its own script where it has one", () => {
  assert.deepEqual([regionText("US", "IL"), regionText("JP", "13"), regionText("IE", "Kerry"), regionText("DE", null)], ["IL", "東京都", "Kerry", ""]);
});

test("an address is written as in its country", () => {
  assert.deepEqual(addressLines(whole, "en"), ["1 Main St", "Springfield IL 62704", "United States"]);
  assert.deepEqual(addressLines({ ...whole, country: "DE", region: "", postcode: "10115", city: "Berlin" }, "en"), ["1 Main St", "10115 Berlin", "Germany"]);
  assert.deepEqual(addressLines({ ...whole, country: "CN", region: "BJ", city: "北京市", line1: "朝阳路1号", postcode: "" }, "zh-Hans"), ["北京市", "朝阳路1号", "中国"]);
});

test("short fields that follow each other share a row", () => {
  assert.deepEqual(inRows(["line1", "line2", "postcode", "city"]), [["line1"], ["line2"], ["postcode", "city"]]);
  assert.deepEqual(inRows(["postcode", "region", "city", "line1"]), [["postcode", "region"], ["city"], ["line1"]]);
});
