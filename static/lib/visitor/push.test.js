import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf } from "./push.js";

test("a key in base64url is read without its padding", () => {
  assert.deepEqual([...bytesOf("-_8B")], [251, 255, 1]);
  assert.deepEqual([...bytesOf("AQ")], [1]);
});
