import assert from "node:assert/strict";
import { test } from "node:test";
import { asRequest, detailsOf, emptyDetails, missing } from "./address_form.js";

const whole = { ...emptyDetails("US"), email: "a@b.co", name: "Ann", line1: "1 Main St", city: "Springfield", region: "IL", postcode: "62704" };

test("each country asks for its own fields", () => {
  assert.deepEqual(missing(whole), {});
  assert.deepEqual(missing({ ...whole, region: "", postcode: "6270" }), { region: "error.required", postcode: "error.bad_postcode" });
  assert.deepEqual(missing({ ...whole, country: "SG", city: "", region: "", postcode: "018956" }), {});
  assert.deepEqual(missing({ ...whole, country: "HK", region: "", postcode: "" }), {});
  assert.deepEqual(missing({ ...whole, country: "CN", region: "IL" }), { region: "error.required", postcode: "error.bad_postcode" });
});

test("who fetches says who, not where", () => {
  assert.deepEqual(missing({ ...emptyDetails(), email: "a@b.co", name: "Ann" }, true), {});
  assert.deepEqual(asRequest(whole, true).address, {});
});

test("a postcode is sent as it is written there, and fields the country has not are left out", () => {
  assert.equal(asRequest({ ...whole, country: "GB", postcode: " yo1  7ep " }).address.postcode, "YO1 7EP");
  assert.deepEqual(asRequest({ ...whole, country: "SG", postcode: "018956" }).address, { line1: "1 Main St", line2: null, city: "", region: null, postcode: "018956", country: "SG" });
});

test("what was remembered fills the form, with or without an address", () => {
  const contact = { email: "a@b.co", name: "Ann", phone: null };
  assert.equal(detailsOf({ contact, address: null })?.country, "");
  assert.equal(detailsOf({ contact: null, address: null }), null);
  assert.equal(detailsOf(null), null);
});
