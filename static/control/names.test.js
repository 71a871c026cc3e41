import assert from "node:assert/strict";
import { test } from "node:test";
import { Names } from "./names.js";

test("a name stays known after its comments are gone, and the newest one counts", () => {
  const names = new Names();
  names.learn([{ person: "gu_1", name: "Mei" }]);
  names.learn([]);
  assert.equal(names.of("gu_1"), "Mei");
  names.learn([{ person: "gu_1", name: "Mei Lin" }]);
  assert.equal(names.of("gu_1"), "Mei Lin");
  assert.equal(names.of("gu_2"), null);
  assert.equal(names.of(null), null);
});

test("who wrote a comment is known when it is deleted", () => {
  const names = new Names();
  names.learn([{ person: "gu_1", name: "Lin", id: "co_1" }]);
  assert.equal(names.of("co_1"), "Lin");
  assert.equal(names.of("co_2"), null);
});

test("a long show's names are bounded: the longest known goes", () => {
  const names = new Names();
  for (let at = 0; at < 20_001; at += 1) names.learn([{ person: `gu_${at}`, name: "Lin" }]);
  assert.equal(names.of("gu_0"), null);
  assert.equal(names.of("gu_1"), "Lin");
  assert.equal(names.of("gu_20000"), "Lin");
});
