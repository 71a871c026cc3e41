import assert from "node:assert/strict";
import { test } from "node:test";
import { isChoice } from "./device_choice.js";

const [front, back] = [{ deviceId: "front" }, { deviceId: "back" }];

test("one device that is in use is no choice, two are", () => {
  assert.deepEqual([isChoice([], ""), isChoice([front], "front"), isChoice([front, back], "back")], [false, false, true]);
});

test("the only device that is left can be chosen while another one, or none, is in use", () => {
  assert.deepEqual([isChoice([front], "back"), isChoice([front], "")], [true, true]);
});

test("devices whose ids the browser keeps to itself are no choice yet", () => {
  assert.equal(isChoice([{ deviceId: "" }], ""), false);
});
