import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { linksIn } from "./links.js";

/** @type {{text: string, hosts: string[], links: [string, string][]}[]} what the server's gate says of the same texts */
const CASES = JSON.parse(readFileSync(new URL("../../../tests/realtime/moderation/link_cases.json", import.meta.url), "utf8"));

test("links lead where they read, and are shown as they were typed unless that could deceive", () => {
  for (const { text, links } of CASES) {
    assert.deepEqual(linksIn(text).map(({ link }) => [link.href, link.text]), links, text);
  }
});

test("the gate judges the host of every link", () => {
  const reached = (/** @type {string} */ host) => new URL(`https://${host}`).hostname;
  for (const { text, hosts } of CASES) {
    const judged = new Set(hosts.filter((host) => URL.canParse(`https://${host}`)).map(reached));
    for (const { link } of linksIn(text)) {
      assert.ok(judged.has(new URL(link.href).hostname.replace(/^www\./u, "")), text);
    }
  }
});

test("places are those of the text, without the sentence's own signs", () => {
  const text = "see https://tea.example/a?b=1), then www.tea.example!";
  assert.deepEqual(linksIn(text).map(({ from, to }) => text.slice(from, to)), ["https://tea.example/a?b=1", "www.tea.example"]);
});

test("this server's own addresses are told from others", () => {
  const own = (/** @type {string} */ text) => linksIn(text, "live.example:8443").map(({ link }) => link.own);
  assert.deepEqual(own("https://live.example:8443/s/abc https://live.example/s/abc https://x.live.example:8443/"), [true, false, false]);
});
