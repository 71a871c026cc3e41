import assert from "node:assert/strict";
import { test } from "node:test";
import { complaint, refusalKey } from "./ask_form.js";

const validity = /** @type {ValidityState} */ ({});
const control = { value: "x", required: true, type: "text", validity };

test("blanks are nothing", () => {
  assert.deepEqual(complaint({ ...control, value: "   " }), ["form.required", {}]);
  assert.equal(complaint({ ...control, value: "  ", required: false }), null);
});

test("an e-mail needs a host with a dot", () => {
  assert.deepEqual(complaint({ ...control, type: "email", value: "mei@tea" }), ["form.email", {}]);
  assert.equal(complaint({ ...control, type: "email", value: "mei@tea.example" }), null);
});

test("a short password is told how long it must be", () => {
  assert.deepEqual(complaint({ ...control, value: "short", minLength: 10 }), ["form.short", { count: 10 }]);
});

test("a number out of range is told its range", () => {
  const out = /** @type {ValidityState} */ ({ rangeOverflow: true });
  assert.deepEqual(complaint({ ...control, type: "number", value: "9", validity: out, min: "1", max: "5" }), ["form.between", { min: "1", max: "5" }]);
});

test("a field has its own sentence for a refusal, or the common one", () => {
  const words = { has: (/** @type {string} */ key) => key === "form.refused.place" };
  assert.equal(refusalKey("invalid", "rates[2].place", words), "form.refused.place");
  assert.equal(refusalKey("invalid", "rates[2].name", words), "form.refused");
  assert.equal(refusalKey("slug_taken", "name", words), "error.slug_taken");
});
