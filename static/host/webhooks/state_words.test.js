import assert from "node:assert/strict";
import { test } from "node:test";
import { answerWords, deliveryState, isUnderWay, prettyJson, webhookState } from "./state_words.js";
import { en, zh } from "./words.js";

const webhook = { id: "we_1", url: "https://x.example/", description: "", types: [], enabled: true, off_reason: null, failing_since_ms: null, old_secret_until_ms: null, created_at_ms: 0, waiting: 0, failed: 0 };
const delivery = { id: "wd_1", event: "ev_1", type: "order.paid", state: "waiting", tries: 0, created_at_ms: 0, tried_at_ms: null, next_try_at_ms: 5, took_ms: null, status: null, trouble: null };

test("a webhook that was switched off by itself says why", () => {
  assert.deepEqual(webhookState(webhook), ["webhooks.on", "won"]);
  assert.deepEqual(webhookState({ ...webhook, failing_since_ms: 1 }), ["webhooks.failing", "trouble"]);
  assert.deepEqual(webhookState({ ...webhook, enabled: false }), ["webhooks.off", ""]);
  assert.deepEqual(webhookState({ ...webhook, enabled: false, off_reason: "gone" }), ["webhooks.off.gone", "trouble"]);
});

test("a delivery that was tried in vain is not merely waiting", () => {
  assert.deepEqual(deliveryState(delivery), ["webhooks.waiting", ""]);
  assert.deepEqual(deliveryState({ ...delivery, tries: 2 }), ["webhooks.retrying", "trouble"]);
  assert.deepEqual(deliveryState({ ...delivery, state: "delivered", tries: 1 }), ["webhooks.delivered", "won"]);
  assert.deepEqual(deliveryState({ ...delivery, state: "failed", tries: 10 }), ["webhooks.gave_up", "trouble"]);
});

test("the answer is a status with its time, or why there was none", () => {
  assert.equal(answerWords(delivery), null);
  assert.deepEqual(answerWords({ ...delivery, status: 503, took_ms: 12 }), ["webhooks.answered", { status: "503", took_ms: 12 }]);
  assert.deepEqual(answerWords({ ...delivery, trouble: "timeout" }), ["webhooks.trouble.timeout", {}]);
});

test("every state, kind and trouble of the server has words in both languages", () => {
  const keys = ["off.gone", "off.failing", ..."not_public connection tls timeout broken no_key".split(" ").map((one) => `trouble.${one}`),
    ..."order.paid order.cancelled order.refunded order.fulfilled order.capture_failed stock.sold_out show.live show.ended webhook.test".split(" ").map((one) => `type.${one}`),
    ..."malformed scheme credentials port not_public".split(" ").map((one) => `url.${one}`)];
  for (const key of keys) for (const words of [en, zh]) assert.ok(words[`webhooks.${key}`], key);
});

test("only what is due soon is asked after", () => {
  assert.equal(isUnderWay([delivery], 0), true);
  assert.equal(isUnderWay([{ ...delivery, next_try_at_ms: 300_000 }], 0), false);
  assert.equal(isUnderWay([{ ...delivery, state: "delivered", next_try_at_ms: null }], 0), false);
});

test("a body is laid out, and what is no JSON stays", () => {
  assert.equal(prettyJson('{"a":1}'), '{\n  "a": 1\n}');
  assert.equal(prettyJson("<html>"), "<html>");
});
