import { test } from "node:test";
import assert from "node:assert/strict";
import { CUSHION_MS, Cushion } from "./cushion.js";

test("pictures are held back while losses go on, and no longer than that", () => {
  const cushion = new Cushion();
  assert.equal(cushion.sample(0, 0), null);
  assert.equal(cushion.sample(500, 1), null);
  assert.equal(cushion.sample(1_000, 4), CUSHION_MS);
  assert.equal(cushion.sample(20_000, 4), CUSHION_MS);
  assert.equal(cushion.sample(20_500, 5), CUSHION_MS);
  assert.equal(cushion.sample(40_499, 5), CUSHION_MS);
  assert.equal(cushion.sample(40_500, 5), null);
});

test("losses far apart change nothing", () => {
  const cushion = new Cushion();
  for (let n = 0; n < 10; n += 1) assert.equal(cushion.sample(n * 4_000, n), null);
});
