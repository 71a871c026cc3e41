import assert from "node:assert/strict";
import { test } from "node:test";
import { Awake } from "./awake.js";

/** Wake locks that are given when the test says so. */
class Locks {
  held = 0;
  asked = 0;
  /** @type {any} */
  last = null;
  /** @type {(() => void)[]} */
  waiting = [];
  ask = () => {
    this.asked += 1;
    return new Promise((resolve) => this.waiting.push(() => {
      this.held += 1;
      const lock = /** @type {any} */ (new EventTarget());
      lock.release = async () => {
        this.held -= 1;
        lock.dispatchEvent(new Event("release"));
      };
      this.last = lock;
      resolve(lock);
    }));
  };
  async give() {
    this.waiting.splice(0).forEach((give) => give());
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("one lock is held however often it is wanted", async () => {
  const locks = new Locks();
  const awake = new Awake(locks.ask);
  for (let n = 0; n < 3; n += 1) void awake.want(true);
  await locks.give();
  void awake.want(true);
  assert.deepEqual([locks.asked, locks.held], [1, 1]);
  void awake.want(false);
  assert.equal(locks.held, 0);
});

test("a lock that comes when it is wanted no more is let go", async () => {
  const locks = new Locks();
  const awake = new Awake(locks.ask);
  void awake.want(true);
  void awake.want(false);
  await locks.give();
  assert.equal(locks.held, 0);
});

test("a lock that the browser took back is asked for again, and a refusal does no harm", async () => {
  const locks = new Locks();
  const awake = new Awake(locks.ask);
  void awake.want(true);
  await locks.give();
  await locks.last.release();
  void awake.want(true);
  assert.equal(locks.asked, 2);
  const refusing = new Awake(() => Promise.reject(new Error("battery saver")));
  await refusing.want(true);
  await refusing.want(true);
  const without = new Awake(() => undefined);
  await without.want(true);
  await without.want(false);
});
