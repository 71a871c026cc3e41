import assert from "node:assert/strict";
import { test } from "node:test";
import { I18n } from "../lib/words/i18n.js";
import { byKind, isAtWork, remarkText, shareDone } from "./feed_facts.js";
import { en, zh } from "./feed_words.js";

const progress = { id: "im_1", file_name: "a.csv", state: "running", rows_total: 40, rows_done: 10, rows_failed: 2, made: 0, changed: 0, kept: 0, pictures_left: 0 };
const remark = (line, code) => ({ line, column: "Price", code, sentence: "As the server says it." });

test("English and Chinese have the same keys", () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
});

test("rows that are left out are behind us, too", () => {
  assert.equal(shareDone(progress), 0.3);
  assert.equal(shareDone({ ...progress, rows_failed: 50 }), 1);
  assert.equal(shareDone({ ...progress, rows_total: 0 }), 1);
  assert.equal(shareDone({ ...progress, state: "pictures" }), 1);
});

test("an import is at work between its start and its end", () => {
  assert.deepEqual(["checked", "running", "pictures", "done"].map((state) => isAtWork({ ...progress, state })), [false, true, true, false]);
});

test("a fault is said in the reader's language, an unknown one as the server says it", () => {
  const memory = { getItem: () => "zh", setItem: () => {} };
  const i18n = new I18n({ en: [en], zh: [zh] }, memory, ["zh"]);
  assert.equal(remarkText(i18n, remark(2, "bad_price")), zh["feed.said.bad_price"]);
  assert.equal(remarkText(i18n, remark(2, "feed_format")), zh["error.feed_format"]);
  assert.equal(remarkText(i18n, remark(2, "new_kind")), "As the server says it.");
});

test("notes of one kind stand together with their lines", () => {
  const found = byKind([remark(2, "a"), remark(3, "b"), remark(5, "a"), remark(5, "a")]);
  assert.deepEqual(found.map(({ first, count, lines }) => [first.code, count, lines]), [["a", 2, "2, 5"], ["b", 1, "3"]]);
  const many = byKind(Array.from({ length: 20 }, (_, line) => remark(line, "a")));
  assert.equal(many[0].count, 20);
  assert.match(many[0].lines, /, 11…$/);
});
