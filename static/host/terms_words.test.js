import assert from "node:assert/strict";
import { test } from "node:test";
import { STANDARD, classWord, classesOf, methodForm, methodOf, newMethod, placesOf, rateOf, rateText, taxRateOf } from "./terms_words.js";

test("places are codes, however they are separated", () => {
  assert.deepEqual(placesOf(" de, US-ca;fr\nDE "), ["DE", "US-CA", "FR"]);
  assert.deepEqual(placesOf("  "), []);
});

test("a rate is read to the millionth and written back", () => {
  for (const [text, ppm] of [["19", 190_000], ["7.25", 72_500], ["14,975 %", 149_750], ["0", 0], ["100", 1_000_000]]) {
    assert.equal(rateOf(text), ppm, text);
    assert.equal(rateOf(rateText(ppm)), ppm);
  }
  for (const wrong of ["", "a lot", "101", "-1", "1.23456"]) assert.equal(rateOf(wrong), null, wrong);
});

test("a method comes back from its form as it went in", () => {
  const method = { id: "sm_1", kind: "delivery", name: "Post", price_minor: 490, free_from_minor: 5000, places: ["DE", "US-CA"], min_days: 2, max_days: 4, taxed: false, note: "" };
  assert.deepEqual(methodOf(methodForm(method, "EUR"), 0, "EUR"), method);
  assert.deepEqual(methodOf({ ...newMethod("JPY"), name: " Yamato ", price: "800", min_days: "1" }, 0, "JPY"),
    { id: null, kind: "delivery", name: "Yamato", price_minor: 800, free_from_minor: null, places: [], min_days: 1, max_days: 1, taxed: true, note: "" });
});

test("what cannot be used names its row and field", () => {
  assert.throws(() => methodOf({ ...newMethod("USD"), price: "much" }, 2, "USD"), { code: "bad_price", facts: { field: "methods[2].price" } });
  assert.throws(() => taxRateOf({ place: "de", tax_class: STANDARD, name: "VAT", rate: "x" }, 1), { code: "bad_rate", facts: { field: "rates[1].rate_ppm" } });
  assert.deepEqual(taxRateOf({ place: " de ", tax_class: " Books ", name: "VAT", rate: "19" }, 0), { place: "DE", name: "VAT", rate_ppm: 190_000, tax_class: "books" });
});

test("a shop's own classes stand behind those every shop has, each once and by their own name", () => {
  assert.deepEqual(classesOf(["standard", "图书", "books", "books", ""]), ["standard", "reduced", "zero", "books", "图书"]);
  assert.equal(classWord("reduced", (key) => `[${key}]`), "[terms.class.reduced]");
  assert.equal(classWord("books", (key) => `[${key}]`), "books");
});
