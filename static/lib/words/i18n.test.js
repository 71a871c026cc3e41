import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { I18n, apart, chooseLanguage, errorText, translate } from "./i18n.js";

const FOLDER = new URL("../../i18n/", import.meta.url);

/** Names in braces of an entry, all plural forms together. */
function holes(entry) {
  const forms = typeof entry === "string" ? [entry] : Object.values(entry);
  return new Set(forms.flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map((match) => match[1])));
}

/** @returns {Promise<[string, {en: object, zh: object}][]>} all words of a file name, however the file holds them */
async function dictionaries() {
  const files = readdirSync(FOLDER).filter((name) => !/^zh\.js$/.test(name));
  return Promise.all(files.map(async (file) => {
    const read = await import(new URL(file, FOLDER));
    return [file, file === "en.js" ? { en: read.default, zh: (await import(new URL("zh.js", FOLDER))).default } : { en: read.en, zh: read.zh }];
  }));
}

for (const [file, { en, zh }] of await dictionaries()) {
  test(`${file}: Chinese has the same keys, and the same names in each sentence`, () => {
    assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
    for (const key of Object.keys(en)) {
      const counted = (names) => [...names].filter((name) => name !== "count").sort(); // "1 vote" may say it in letters
      assert.deepEqual(counted(holes(zh[key])), counted(holes(en[key])), key);
      for (const dictionary of [en, zh]) {
        assert.ok(typeof dictionary[key] === "string" ? dictionary[key] : dictionary[key].other, `${key} needs words`);
      }
    }
  });
}

test("words of one key stand in one file", async () => {
  const keys = (await dictionaries()).flatMap(([, { en }]) => Object.keys(en));
  assert.deepEqual(keys.filter((key, at) => keys.indexOf(key) !== at), []);
});

test("Chinese speaks to its reader as 您, on every page and in every room", () => {
  const pages = new URL("../../", import.meta.url);
  const files = readdirSync(pages, { recursive: true }).map(String).filter((name) => /words\.js$|^i18n\//.test(name));
  assert.ok(files.length > 10, "files of words are found");
  assert.deepEqual(files.filter((name) => readFileSync(new URL(name, pages), "utf8").includes("你")), []);
});

test("words side by side are two dictionaries", () => {
  assert.deepEqual(apart({ hello: ["Hello", "你好"] }), { en: { hello: "Hello" }, zh: { hello: "你好" } });
});

test("names are filled in, plurals chosen, unknown keys shown", () => {
  const plural = new Intl.PluralRules("en");
  const words = { hello: "Hello {name}", left: { one: "1 left", other: "{count} left" } };
  assert.equal(translate(words, plural, "hello", { name: "<b>" }), "Hello <b>");
  assert.equal(translate(words, plural, "left", { count: 1 }), "1 left");
  assert.equal(translate(words, plural, "left", { count: 0 }), "0 left");
  assert.equal(translate(words, plural, "left", { count: 12345 }), "12,345 left");
  assert.equal(translate(words, plural, "toString"), "toString");
  assert.equal(translate(words, plural, "hello"), "Hello {name}");
});

test("the remembered language wins, then the reader's first that we speak", () => {
  assert.equal(chooseLanguage("zh", ["en-GB"]), "zh");
  assert.equal(chooseLanguage(null, ["de-DE", "zh-TW", "en"]), "zh");
  assert.equal(chooseLanguage("xx", ["de"]), "en");
});

test("a choice is remembered and told", () => {
  const memory = new Map();
  const i18n = new I18n({ en: [{ a: "A" }], zh: [{ a: "甲" }] }, { getItem: (k) => memory.get(k) ?? null, setItem: (k, v) => memory.set(k, v) }, ["en"]);
  let told = 0;
  i18n.subscribe(() => told++);
  i18n.choose("zh");
  assert.deepEqual([i18n.t("a"), i18n.locale, told, [...memory.values()]], ["甲", "zh-Hans", 1, ["zh"]]);
});

test("an error speaks the sentence of its code, or a general one", () => {
  const i18n = new I18n({ en: [{ "error.sold_out": "Sold out.", "error.unknown": "Hm." }], zh: [{}] }, { getItem: () => null, setItem: () => {} }, ["en"]);
  assert.equal(errorText(i18n, { code: "sold_out", facts: {} }), "Sold out.");
  assert.equal(errorText(i18n, new Error("boom")), "Hm.");
});

test("English dates and money are those of the reader's own English", () => {
  const memory = { getItem: () => null, setItem: () => {} };
  assert.equal(new I18n({ en: [{}], zh: [{}] }, memory, ["de", "en-GB"]).locale, "en-GB");
  assert.equal(new I18n({ en: [{}], zh: [{}] }, memory, ["de"]).locale, "en");
  assert.equal(new I18n({ en: [{}], zh: [{}] }, memory, ["zh-TW", "en-GB"]).locale, "zh-Hans");
});
