import assert from "node:assert/strict";
import { test } from "node:test";
import { afterChange, afterRefusal, heldUntil_ms, outcomeOf, startOf, totalOf_minor, withBag } from "./flow.js";

const order = (state, payment = "created") => ({ id: "or_1", state, payment: { id: "pa_1", method: "sandbox", state: payment, pay_url: "/pay" }, lines: [{ product: "pr_2" }] });

test("an order's state and its payment's say what its buyer sees", () => {
  const cases = [
    ["pending", "created", "paying"], ["pending", "pending", "paying"], ["pending", "declined", "declined"],
    ["pending", "timed_out", "timed_out"], ["pending", "authorised", "confirming"], ["authorised", "authorised", "confirming"],
    ["paid", "captured", "paid"], ["expired", "declined", "too_late"], ["cancelled", "voided", "cancelled"],
    ["capture_failed", "authorised", "capture_failed"], ["fulfilled", "captured", "paid"], ["partly_refunded", "captured", "paid"],
    ["placed", "promised", "placed"],
    ["expired", "refunded", "given_back"],
  ];
  for (const [state, payment, outcome] of cases) assert.equal(outcomeOf(order(state, payment)), outcome, `${state} ${payment}`);
  assert.equal(outcomeOf({ ...order("pending"), payment: null }), "paying");
});

test("a purchase goes on where it was: at its hold, at its order, else at the choice", () => {
  const you = { reservations: [{ id: "rs_1", state: "open", lines: [{ product: "pr_1" }] }, { id: "rs_2", state: "paying", lines: [{ product: "pr_2" }] }], orders_pending: [order("pending")] };
  assert.equal(startOf({ you }, "pr_1").reservations[0].id, "rs_1");
  assert.deepEqual([startOf({ you }, "pr_2").step, startOf({ you }, "pr_2").pay_url], ["order", "/pay"]);
  assert.equal(startOf({ you }, "pr_3").step, "choose");
  assert.equal(startOf({ you: null }, "pr_1").step, "choose");
  assert.equal(startOf({ you: { ...you, waits: [{ product: "pr_4", position: 2 }] } }, "pr_4").place.position, 2);
});

test("what waits in the bag is paid together, what is pressed first; what is being paid is not", () => {
  const reservations = [{ id: "rs_1", state: "open" }, { id: "rs_2", state: "paying" }, { id: "rs_3", state: "open" }];
  assert.deepEqual(withBag({ you: { reservations } }, reservations[2]).map(({ id }) => id), ["rs_3", "rs_1"]);
  assert.deepEqual(withBag({ you: null }, reservations[0]).map(({ id }) => id), ["rs_1"]);
});

test("answers about two holds stand beside each other; none brings a sheet back that went on", () => {
  const hold = (id, quantity) => ({ id, state: "open", lines: quantity ? [{ quantity }] : [] });
  const before = { step: "details", reservations: [hold("rs_1", 1), hold("rs_2", 1)] };
  const after = afterChange(afterChange(before, "rs_1", hold("rs_1", 2)), "rs_2", hold("rs_2", 3));
  assert.deepEqual(after, { step: "details", reservations: [hold("rs_1", 2), hold("rs_2", 3)] });
  const one = afterChange(after, "rs_1", hold("rs_1", 0));
  assert.deepEqual(one.reservations, [hold("rs_2", 3)]);
  for (const gone of [null, undefined, { ...hold("rs_2", 3), state: "released" }]) assert.deepEqual(afterChange(one, "rs_2", gone), { step: "over", how: "released" });
  const paying = { step: "order", order: null, pay_url: null };
  assert.equal(afterChange(paying, "rs_1", hold("rs_1", 2)), paying);
});

test("a changed price is offered again, any other refusal is shown", () => {
  const wanted = { variant: "va_1", pool: "po_1" };
  assert.deepEqual(afterRefusal({ code: "price_changed", facts: { price_minor: 900, price_version: 3 } }, wanted), { step: "choose", price_changed: { variant: "va_1", price_minor: 900, price_version: 3 } });
  assert.deepEqual(afterRefusal({ code: "all_held", facts: { held: 2 } }, wanted), { step: "refused", refusal: { code: "all_held", facts: { held: 2 } }, pool: "po_1", wanted: null });
  assert.deepEqual(afterRefusal({ code: "sold_out" }, { ...wanted, sale: null }).wanted, { variant: "va_1", sale: null });
  assert.equal(afterRefusal(new Error("x"), wanted).refusal.code, "unknown");
});

test("several holds are held until the first of their deadlines, and cost their sum", () => {
  const holds = [{ deadline_ms: 20, total_minor: 5 }, { deadline_ms: 10, total_minor: 7 }];
  assert.deepEqual([heldUntil_ms(holds), totalOf_minor(holds)], [10, 12]);
});
