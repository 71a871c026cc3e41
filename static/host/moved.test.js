import assert from "node:assert/strict";
import { test } from "node:test";
import { moved } from "./moved.js";

test("one item is moved and the others keep their order", () => {
  assert.deepEqual(moved(["a", "b", "c", "d"], 0, 2), ["b", "c", "a", "d"]);
  assert.deepEqual(moved(["a", "b", "c"], 2, 0), ["c", "a", "b"]);
});
