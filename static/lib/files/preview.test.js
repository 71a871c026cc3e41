import assert from "node:assert/strict";
import { resolveObjectURL } from "node:buffer";
import { test } from "node:test";
import { Preview } from "./preview.js";

const file = (text) => new Blob([text]);
const words = async (address) => (await resolveObjectURL(address)?.text()) ?? null;

test("another file takes the first one's place, and nothing takes both", async () => {
  const preview = new Preview();
  const first = preview.show(file("tea"));
  assert.equal(await words(first), "tea");
  const second = preview.show(file("cups"));
  assert.deepEqual([await words(first), await words(second)], [null, "cups"]);
  assert.deepEqual([preview.show(null), await words(second)], ["", null]);
});

test("what showed it is gone: the file is given back, and one that comes later is not shown", async () => {
  const preview = new Preview();
  const address = preview.show(file("tea"));
  preview.end();
  assert.equal(await words(address), null);
  assert.equal(preview.show(file("too late")), "");
});
