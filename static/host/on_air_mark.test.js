import assert from "node:assert/strict";
import { test } from "node:test";
import { FRESH_MS, OnAirMark } from "./on_air_mark.js";

/** A tab's storage. @param {[string, string][]} [entries] what is in it */
function storage(entries = []) {
  const kept = new Map(entries);
  return { kept, getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value), removeItem: (name) => kept.delete(name) };
}

/** Loads the studio in a tab. @param {any} tab */
function load(tab, { show = "sh_1", now_ms = 1_000_000, reloaded = false } = {}) {
  return new OnAirMark(show, { storage: tab, now_ms: () => now_ms, reloaded: () => reloaded });
}

/** A tab that was on air when its page went. */
function gone() {
  const tab = storage();
  const mark = load(tab);
  mark.renew();
  mark.leave();
  return tab;
}

test("a page that is loaded again soon was on air, one that comes back later was not", () => {
  assert.equal(load(storage()).isFresh, false);
  assert.equal(load(gone(), { now_ms: 1_000_000 + FRESH_MS - 1 }).isFresh, true);
  assert.equal(load(gone(), { now_ms: 1_000_000 + FRESH_MS }).isFresh, false);
  assert.equal(load(gone(), { show: "sh_2" }).isFresh, false);
});

test("it ages on the page too, until it is renewed", () => {
  const tab = gone();
  let now_ms = 1_000_000;
  const mark = new OnAirMark("sh_1", { storage: tab, now_ms: () => now_ms, reloaded: () => false });
  now_ms += FRESH_MS;
  assert.equal(mark.isFresh, false);
  mark.renew();
  assert.equal(mark.isFresh, true);
});

test("a tab that was duplicated while on air is not on air itself", () => {
  const tab = storage();
  load(tab).renew();
  const duplicate = storage([...tab.kept]);
  assert.equal(load(duplicate).isFresh, false);
  assert.equal(load(duplicate, { reloaded: true }).isFresh, false, "nor when it is loaded again");
});

test("a page that was killed says no goodbye, and loaded again it goes on", () => {
  const tab = storage();
  load(tab).renew();
  assert.equal(load(tab, { reloaded: true }).isFresh, true);
});

test("a page that is loaded twice in a row is still the one that was on air", () => {
  const tab = gone();
  load(tab).leave();
  assert.equal(load(tab).isFresh, true);
});

test("what has ended leaves no mark", () => {
  const tab = storage();
  const mark = load(tab);
  mark.renew();
  mark.clear();
  mark.leave();
  assert.deepEqual([mark.isFresh, load(tab, { reloaded: true }).isFresh], [false, false]);
});

test("a mark that cannot be read is none", () => {
  for (const text of ["sh_1", "null", "{}", '{"show_id":"sh_1"}']) {
    assert.equal(load(storage([["liveshop.on_air", text]]), { reloaded: true }).isFresh, false);
  }
});
