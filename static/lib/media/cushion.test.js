import { test } from "node:test";
import assert from "node:assert/strict";
import { CUSHION_MS, Cushion } from "./cushion.js";

/** Samples every half second; `losses` are the packets found missing in each. */
function targets(losses) {
  const cushion = new Cushion();
  let nacks = 0;
  return losses.map((count, n) => cushion.sample(n * 500, (nacks += count)));
}

test("a show is held back while losses go on, and no longer than that", () => {
  const seen = targets([0, 2, 3, 2, 0, 0, 1, ...Array(41).fill(0)]);
  assert.deepEqual(seen.slice(0, 4), [null, null, null, CUSHION_MS]);
  assert.equal(seen[6 + 39], CUSHION_MS);
  assert.equal(seen[6 + 40], null);
});

test("one bad moment changes nothing, however many packets it costs", () => {
  assert.ok(targets([0, 40, 25, 0, 0, 0, 0, 0, 30, 0]).every((target) => target === null));
});

test("a packet now and then changes nothing", () => {
  assert.ok(targets(Array.from({ length: 60 }, (_, n) => Number(n % 2 === 0))).every((target) => target === null));
});
