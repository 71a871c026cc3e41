import assert from "node:assert/strict";
import { test } from "node:test";
import { en, zh } from "./words.js";

test("what follows a purchase says the same in both languages", () => {
  assert.deepEqual(Object.keys(en).sort(), Object.keys(zh).sort());
  for (const [key, words] of Object.entries(zh)) {
    const values = (/** @type {unknown} */ text) => [...JSON.stringify(text).matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    const english = en[key];
    assert.deepEqual([...new Set(values(words))], [...new Set(values(typeof english === "string" ? english : english.other))], key);
  }
});
