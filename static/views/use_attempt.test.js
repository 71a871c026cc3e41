import assert from "node:assert/strict";
import { test } from "node:test";
import { html, render } from "../vendor/preact.js";
import { AppContext } from "./app.js";
import { useAttempt, useBusy } from "./use_attempt.js";

/** Calls a hook in a component that shows nothing, again at each change. @template T @param {() => T} hook */
function used(hook) {
  const said = [];
  const seen = { said, now: /** @type {T} */ (/** @type {unknown} */ (null)) };
  const app = { toasts: { trouble: (text) => said.push(text) }, errorText: (error) => `sorry: ${error.message}` };
  function Probe() {
    seen.now = hook();
    return null;
  }
  const nowhere = { childNodes: [], firstChild: null, namespaceURI: "", insertBefore() {}, removeChild() {}, contains: () => true };
  render(html`<${AppContext.Provider} value=${app}><${Probe} /><//>`, /** @type {any} */ (nowhere));
  return seen;
}

/** A change is drawn in a later turn of the microtasks. */
async function drawn() {
  for (let turn = 0; turn < 10; turn += 1) await null;
}

test("what fails is said, and answered with false", async () => {
  const seen = used(useAttempt);
  assert.equal(await seen.now(async () => "well"), true);
  assert.deepEqual(seen.said, []);
  assert.equal(await seen.now(() => Promise.reject(new Error("no"))), false);
  assert.deepEqual(seen.said, ["sorry: no"]);
});

test("what ends is no longer under way, whether it failed or not; what began since still is", async () => {
  const seen = used(useBusy);
  const ends = {};
  const begin = (name) => seen.now.run(name, () => new Promise((done, fail) => { ends[name] = { done, fail }; }));
  const first = begin("first");
  await drawn();
  assert.equal(seen.now.busy, "first");
  const second = begin("second");
  await drawn();
  ends.first.done();
  await first;
  await drawn();
  assert.equal(seen.now.busy, "second");
  ends.second.fail(new Error("no"));
  await second;
  await drawn();
  assert.equal(seen.now.busy, "");
  assert.deepEqual(seen.said, ["sorry: no"]);
});
