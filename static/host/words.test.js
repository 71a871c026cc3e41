import assert from "node:assert/strict";
import { test } from "node:test";
import * as control from "../control/words.js";
import * as setup from "../setup/words.js";
import * as webhooks from "./webhooks/words.js";
import * as host from "./words.js";

for (const [name, words] of Object.entries({ host, webhooks, control, setup })) {
  test(`${name}: English and Chinese have the same keys`, () => {
    assert.deepEqual(Object.keys(words.zh).sort(), Object.keys(words.en).sort());
  });
}
