import assert from "node:assert/strict";
import { test } from "node:test";
import { mentionBegun, mentions, namesBegun, namesOf, onlyEmoji, textParts, withMention } from "./comment_text.js";

const kinds = (parts) => parts.map(({ kind, text }) => [kind, text]);

test("emoji alone are large, digits and words are not", () => {
  for (const text of ["😍", "👩‍👩‍👧 🇨🇳", "👍🏽👍🏽👍🏽", "❤️", "1️⃣"]) assert.equal(onlyEmoji(text), true, text);
  for (const text of ["", "1", "#", "ok 👍", "😍😍😍😍😍😍😍", "你好"]) assert.equal(onlyEmoji(text), false, text);
});

test("a mention is the longest name of the room that fits", () => {
  const names = ["Mei", "Mei 2", "林"];
  assert.deepEqual(kinds(textParts("@Mei 2 and @mei, @Meister", names)), [
    ["mention", "@Mei 2"], ["text", " and "], ["mention", "@mei"], ["text", ", @Meister"],
  ]);
  assert.deepEqual(kinds(textParts("@林你好", names)), [["mention", "@林"], ["text", "你好"]]);
  assert.deepEqual(kinds(textParts("mail me@Mei now", names)), [["text", "mail me@Mei now"]]);
});

test("whoever is named is spoken to, by the whole name only", () => {
  assert.equal(mentions("hello @Mei!", "Mei"), true);
  assert.equal(mentions("hello @Meister", "Mei"), false);
  assert.equal(mentions("hello Mei", "Mei"), false);
  assert.equal(mentions("hello @", ""), false);
});

test("an address is a link among words and names", () => {
  assert.deepEqual(textParts("@Mei see https://tea.example/green?x=1.", ["Mei"], "tea.example").slice(1), [
    { kind: "text", text: " see " }, { kind: "link", href: "https://tea.example/green?x=1", text: "https://tea.example/green?x=1", own: true }, { kind: "text", text: "." },
  ]);
  assert.deepEqual(kinds(textParts("https://tea.example/@Mei", ["Mei"])), [["link", "https://tea.example/@Mei"]]);
});

test("parts put together are what was said", () => {
  const text = "@Mei @@Mei @ x@y @Lin's https://no.example @Lin";
  assert.equal(textParts(text, ["Mei", "Lin"]).map((part) => part.text).join(""), text);
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
