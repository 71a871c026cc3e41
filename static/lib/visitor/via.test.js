import assert from "node:assert/strict";
import { test } from "node:test";
import { REMEMBERED_MS, linkTo, rememberVia, viaOf } from "./via.js";

/** @returns {import("./via.js").Memory} */
function memory() {
  const kept = new Map();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) };
}

test("a link is remembered for its show, for a day", () => {
  const tab = memory();
  assert.equal(rememberVia("sh_1", "k7m2p9xq", 1_000, tab), "k7m2p9xq");
  assert.equal(viaOf("sh_1", 1_000 + REMEMBERED_MS - 1, tab), "k7m2p9xq");
  assert.equal(viaOf("sh_1", 1_000 + REMEMBERED_MS, tab), null);
  assert.equal(viaOf("sh_2", 1_000, tab), null);
});

test("the newest link counts", () => {
  const tab = memory();
  rememberVia("sh_1", "aaaaaaaa", 0, tab);
  rememberVia("sh_1", "bbbbbbbb", 1, tab);
  assert.equal(viaOf("sh_1", 2, tab), "bbbbbbbb");
});

test("what cannot be a code is not taken, and what was remembered stays", () => {
  const tab = memory();
  rememberVia("sh_1", "aaaaaaaa", 0, tab);
  assert.equal(rememberVia("sh_1", "<script>", 1, tab), null);
  assert.equal(rememberVia("sh_1", null, 1, tab), null);
  assert.equal(viaOf("sh_1", 2, tab), "aaaaaaaa");
  tab.setItem("liveshop.via", "no json");
  assert.equal(viaOf("sh_1", 2, tab), null);
});

test("a link to one product is the show's link and the product", () => {
  assert.equal(linkTo("https://live.example/s/k7m2p9xq", null), "https://live.example/s/k7m2p9xq");
  assert.equal(linkTo("https://live.example/s/k7m2p9xq", "pr_1"), "https://live.example/s/k7m2p9xq/pr_1");
});
