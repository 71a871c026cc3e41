import assert from "node:assert/strict";
import { test } from "node:test";
import { en, zh } from "./sharing.js";

test("sharing says the same in both languages", () => {
  assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort());
  for (const [key, words] of Object.entries(zh)) {
    const values = (/** @type {unknown} */ text) => [...new Set([...JSON.stringify(text).matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort();
    const english = en[key];
    assert.deepEqual(values(words), values(typeof english === "string" ? english : english.other), key);
  }
});
