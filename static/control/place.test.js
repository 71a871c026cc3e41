import assert from "node:assert/strict";
import { test } from "node:test";
import { stepFrom } from "./place.js";

const ALL = ["a", "b", "c", "d"];

test("the first step takes the newest, later ones the neighbour, and the ends hold", () => {
  const shown = new Set(ALL);
  assert.equal(stepFrom(ALL, shown, "", 1), "d");
  assert.equal(stepFrom(ALL, shown, "", -1), "d");
  assert.equal(stepFrom(ALL, shown, "b", 1), "c");
  assert.equal(stepFrom(ALL, shown, "b", -1), "a");
  assert.equal(stepFrom(ALL, shown, "d", 1), "d");
  assert.equal(stepFrom(ALL, shown, "a", -1), "a");
});

test("from a comment that is gone it goes on where that one stood", () => {
  const shown = new Set(["a", "d"]);
  assert.equal(stepFrom(ALL, shown, "b", 1), "d");
  assert.equal(stepFrom(ALL, shown, "b", -1), "a");
  assert.equal(stepFrom(ALL, new Set(["a"]), "b", 1), "a");
  assert.equal(stepFrom(ALL, new Set(), "b", 1), null);
});
