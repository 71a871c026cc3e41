import assert from "node:assert/strict";
import { test } from "node:test";
import { isApproved, mentionBegun, mentions, namesBegun, namesOf, onlyEmoji, textParts, withMention } from "./comment_text.js";

const none = () => false;
const kinds = (parts) => parts.map(({ kind, text }) => [kind, text]);

test("emoji alone are large, digits and words are not", () => {
  for (const text of ["😍", "👩‍👩‍👧 🇨🇳", "👍🏽👍🏽👍🏽", "❤️", "1️⃣"]) assert.equal(onlyEmoji(text), true, text);
  for (const text of ["", "1", "#", "ok 👍", "😍😍😍😍😍😍😍", "你好"]) assert.equal(onlyEmoji(text), false, text);
});

test("a mention is the longest name of the room that fits", () => {
  const names = ["Mei", "Mei 2", "林"];
  assert.deepEqual(kinds(textParts("@Mei 2 and @mei, @Meister", names, none)), [
    ["mention", "@Mei 2"], ["text", " and "], ["mention", "@mei"], ["text", ", @Meister"],
  ]);
  assert.deepEqual(kinds(textParts("@林你好", names, none)), [["mention", "@林"], ["text", "你好"]]);
  assert.deepEqual(kinds(textParts("mail me@Mei now", names, none)), [["text", "mail me@Mei now"]]);
});

test("whoever is named is spoken to, by the whole name only", () => {
  assert.equal(mentions("hello @Mei!", "Mei"), true);
  assert.equal(mentions("hello @Meister", "Mei"), false);
  assert.equal(mentions("hello Mei", "Mei"), false);
  assert.equal(mentions("hello @", ""), false);
});

test("an address is a link only where its host is approved", () => {
  const approves = (host) => isApproved(host, ["tea.example"]);
  const [, link, after] = textParts("see https://www.tea.example/green?x=1.", [], approves);
  assert.deepEqual(link, { kind: "link", href: "https://www.tea.example/green?x=1", text: "www.tea.example/green?x=1" });
  assert.deepEqual(after, { kind: "text", text: "." });
  for (const text of ["https://eviltea.example/", "https://tea.example@evil.example/", "javascript:alert(1)", "http://[", "https://tea.example:pw@tea.example"]) {
    assert.deepEqual(kinds(textParts(text, [], approves)), [["text", text]]);
  }
});

test("parts put together are what was said", () => {
  const text = "@Mei @@Mei @ x@y @Lin's https://no.example @Lin";
  assert.equal(textParts(text, ["Mei", "Lin"], none).map((part) => part.text).join(""), text);
});

test("a begun mention is found, offered and written out", () => {
  assert.deepEqual(mentionBegun("hi @me", 6), { at: 3, begun: "me" });
  assert.deepEqual(mentionBegun("@Mei 2", 6), { at: 0, begun: "Mei 2" });
  assert.equal(mentionBegun("@Mei how are", 12), null);
  assert.equal(mentionBegun("a@me", 4), null);
  assert.deepEqual(namesBegun(["Mei", "Max", "Lin", "Me"], "m", "Me"), ["Max", "Mei"]);
  assert.deepEqual(namesBegun(["Mei", "Mei 2"], "mei", ""), []);
  assert.deepEqual(withMention("hi @me there", 6, "Mei"), { text: "hi @Mei there", caret: 8 });
});

test("names are in the order in which people spoke last", () => {
  assert.deepEqual(namesOf([{ name: "Mei" }, { name: "Lin" }, { name: "Mei" }]), ["Lin", "Mei"]);
});
