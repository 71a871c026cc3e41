/** What a webhook's and a delivery's state are called, and in which colour. Pure. */

/**
 * @typedef {{id: string, url: string, description: string, types: string[], enabled: boolean, off_reason: "gone"|"failing"|null,
 *   failing_since_ms: number|null, old_secret_until_ms: number|null, created_at_ms: number, waiting: number, failed: number}} Webhook
 * @typedef {{id: string, event: string, type: string, state: "waiting"|"delivered"|"failed", tries: number, created_at_ms: number,
 *   tried_at_ms: number|null, next_try_at_ms: number|null, took_ms: number|null, status: number|null, trouble: string|null}} Delivery
 */

/** @param {Webhook} webhook @returns {[key: string, tone: string]} */
export function webhookState(webhook) {
  if (!webhook.enabled) return webhook.off_reason ? [`webhooks.off.${webhook.off_reason}`, "trouble"] : ["webhooks.off", ""];
  return webhook.failing_since_ms === null ? ["webhooks.on", "won"] : ["webhooks.failing", "trouble"];
}

/** @param {Delivery} delivery @returns {[key: string, tone: string]} */
export function deliveryState(delivery) {
  if (delivery.state === "delivered") return ["webhooks.delivered", "won"];
  if (delivery.state === "failed") return ["webhooks.gave_up", "trouble"];
  return delivery.tries ? ["webhooks.retrying", "trouble"] : ["webhooks.waiting", ""];
}

/**
 * What the receiver answered, as a key and its values; null when it was not tried yet.
 * @param {Delivery} delivery
 * @returns {[key: string, values: Record<string, unknown>] | null}
 */
export function answerWords(delivery) {
  // A status is a name, not a number: no reader wants it grouped.
  if (delivery.status !== null) return ["webhooks.answered", { status: String(delivery.status), took_ms: delivery.took_ms ?? 0 }];
  return delivery.trouble ? [`webhooks.trouble.${delivery.trouble}`, {}] : null;
}

/**
 * Whether something may change by itself soon, so that asking again is worth while.
 * @param {Delivery[]} deliveries
 * @param {number} now_ms
 */
export function isUnderWay(deliveries, now_ms) {
  return deliveries.some(({ state, next_try_at_ms }) => state === "waiting" && next_try_at_ms !== null && next_try_at_ms - now_ms < 65_000);
}

/** JSON as people read it; what is none stays as it is. @param {string} text */
export function prettyJson(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
