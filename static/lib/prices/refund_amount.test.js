import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenCost_minor, chosenUnits, unitsCost_minor } from "./refund_amount.js";

const line = (paid_minor, quantity, returned = 0, position = 0) => ({ position, paid_minor, quantity, returned });

test("the units of a line come to the line, whatever the steps", () => {
  assert.deepEqual([0, 1, 2].map((returned) => unitsCost_minor(line(100, 3, returned), 1)), [33, 33, 34]);
  assert.equal(unitsCost_minor(line(100, 3, 1), 2), 67);
  assert.equal(unitsCost_minor(line(2400, 2), 0), 0);
});

test("chosen units of several lines are added, and sent without the empty ones", () => {
  assert.equal(chosenCost_minor([line(2400, 2), line(2500, 1, 0, 1)], { 0: 1, 1: 1 }), 3700);
  assert.deepEqual(chosenUnits({ 0: 0, 1: 2 }), [{ position: 1, quantity: 2 }]);
});
