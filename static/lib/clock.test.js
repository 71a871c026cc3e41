import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, formatDay, formatLeft } from "./clock.js";

test("the shop's time is followed by the least delayed stamp", () => {
  let monotonic_ms = 1000;
  const clock = new Clock(() => monotonic_ms, () => 0);
  clock.sync(50_000);
  assert.equal(clock.now_ms(), 50_000);
  monotonic_ms += 1000;
  clock.sync(50_400); // 600 ms late on its way
  assert.equal(clock.now_ms(), 51_000);
  monotonic_ms += 1000;
  clock.sync(52_300); // the first one was 300 ms late
  assert.equal(clock.now_ms(), 52_300);
});

test("the device's own clock has no say once the shop has spoken", () => {
  let wall_ms = 7;
  const clock = new Clock(() => 100, () => wall_ms);
  clock.sync(9_000);
  wall_ms = 1e12;
  assert.equal(clock.now_ms(), 9_000);
});

test("after a clock step only new stamps count", () => {
  const clock = new Clock(() => 0, () => 0);
  clock.sync(90_000);
  clock.reset();
  clock.sync(20_000);
  assert.equal(clock.now_ms(), 20_000);
});

test("nothing is left after the deadline, and zero is shown only then", () => {
  const clock = new Clock(() => 0, () => 10_000);
  assert.equal(clock.left_ms(9_000), 0);
  assert.equal(formatLeft(1), "0:01");
  assert.equal(formatLeft(0), "0:00");
});

test("a long time is written with hours and days", () => {
  assert.equal(formatLeft(42_000), "0:42");
  assert.equal(formatLeft(725_000), "12:05");
  assert.equal(formatLeft(3_723_000), "1:02:03");
  assert.equal(formatLeft(86_400_000 * 3 + 4_000), "3:00:00:04");
});

test("a day near by is called by its name, another by its date", () => {
  const noon_ms = new Date(2026, 10, 25, 12).getTime();
  const day_ms = 86_400_000;
  assert.equal(formatDay(noon_ms, "en-GB", noon_ms), "today, 12:00");
  assert.equal(formatDay(noon_ms + day_ms, "en-GB", noon_ms + day_ms / 4), "tomorrow, 12:00");
  assert.equal(formatDay(noon_ms - day_ms, "zh-Hans", noon_ms), "昨天 12:00");
  assert.equal(formatDay(noon_ms + 2 * day_ms, "zh-Hans", noon_ms), "11月27日周五 12:00");
});
