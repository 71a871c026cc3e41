import assert from "node:assert/strict";
import { test } from "node:test";
import { Polling } from "./polling.js";

/** A clock by hand: `pass` runs what is due next. */
function handTimers() {
  /** @type {Map<number, () => void>} */
  const waiting = new Map();
  let next = 1;
  return {
    waiting,
    set: (/** @type {() => void} */ run) => {
      waiting.set(next, run);
      return next++;
    },
    clear: (/** @type {any} */ timer) => void waiting.delete(timer),
    async pass() {
      for (const [timer, run] of [...waiting]) {
        waiting.delete(timer);
        run();
      }
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

test("it asks at once and goes on while it is wanted, and not a moment longer", async () => {
  const timers = handTimers();
  let asked = 0;
  const polling = new Polling(async () => void asked++, 3000, timers);
  await polling.now();
  assert.equal(asked, 0);
  polling.want(true);
  polling.want(true);
  assert.equal(asked, 1);
  await timers.pass();
  await timers.pass();
  assert.equal(asked, 2);
  polling.want(false);
  assert.equal(timers.waiting.size, 0);
  await timers.pass();
  assert.equal(asked, 2);
});

test("an answer that comes when nobody looks any more is the last", async () => {
  const timers = handTimers();
  /** @type {(value?: unknown) => void} */
  let answer = () => {};
  const polling = new Polling(() => new Promise((resolve) => { answer = resolve; }), 3000, timers);
  polling.want(true);
  polling.want(false);
  answer();
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(timers.waiting.size, 0);
});

test("one question at a time", async () => {
  const timers = handTimers();
  let asked = 0;
  const polling = new Polling(() => new Promise(() => { asked++; }), 3000, timers);
  polling.want(true);
  void polling.now();
  assert.equal(asked, 1);
});
