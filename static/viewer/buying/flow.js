/**
 * The steps of a purchase and how they follow each other. Pure: the sheet draws the step, the counter does the work.
 *
 *   choose ──hold──> holding ──held──> details ──order──> order (paying, confirming, paid, declined, …)
 *      ^                 └──refused──> refused                └── declined, no answer: pay again within the hold
 *      └── the price changed, or once more after the time was over
 */

/** @typedef {import("../../lib/types.js").Order} Order */
/** @typedef {import("../../lib/types.js").Reservation} Reservation */
/** @typedef {import("../../lib/room_state.js").RoomState} RoomState */
/** @typedef {{code: string, facts: Record<string, any>}} Refusal */
/**
 * @typedef {{step: "choose", price_changed: {variant: string, price_minor: number, price_version: number} | null}
 *   | {step: "holding"}
 *   | {step: "details", reservations: Reservation[]}
 *   | {step: "order", order: Order | null, pay_url: string | null}
 *   | {step: "refused", refusal: Refusal, pool: string | null}
 *   | {step: "over", how: "too_late" | "released"}} Flow
 */
/** @typedef {"paying"|"confirming"|"placed"|"paid"|"declined"|"timed_out"|"too_late"|"cancelled"|"capture_failed"} Outcome */

/**
 * What an order means to its buyer right now.
 * @param {Order} order
 * @returns {Outcome}
 */
export function outcomeOf(order) {
  const paying = order.payment?.state;
  switch (order.state) {
    case "paid":
    case "fulfilled":
    case "partly_refunded":
    case "refunded": return "paid";
    case "authorised": return "confirming";
    case "placed": return "placed";
    case "expired": return "too_late";
    case "cancelled": return "cancelled";
    case "capture_failed": return "capture_failed";
    default: break;
  }
  if (paying === "authorised" || paying === "captured") return "confirming";
  if (paying === "declined" || paying === "timed_out") return paying;
  return "paying";
}

/**
 * Where a purchase of a product starts: at the order or the hold that is there already, else at the choice.
 * @param {RoomState} state
 * @param {string} product
 * @returns {Flow}
 */
export function startOf(state, product) {
  const reservation = (state.you?.reservations ?? []).find(({ lines, state: of }) => of === "open" && lines.some((line) => line.product === product));
  if (reservation) return { step: "details", reservations: withBag(state, reservation) };
  const order = (state.you?.orders_pending ?? []).find(({ lines }) => lines.some((line) => line.product === product));
  if (order) return { step: "order", order, pay_url: order.payment?.pay_url ?? null };
  return { step: "choose", price_changed: null };
}

/**
 * One hold, and after it all others that wait in the bag: they are paid together, as one order.
 * @param {RoomState} state
 * @param {Reservation} first
 * @returns {Reservation[]}
 */
export function withBag(state, first) {
  const others = (state.you?.reservations ?? []).filter(({ id, state: of }) => of === "open" && id !== first.id);
  return [first, ...others];
}

/**
 * The step after a refused hold.
 * @param {unknown} error an ApiError or RoomError
 * @param {{variant: string, pool: string | null}} wanted
 * @returns {Flow}
 */
export function afterRefusal(error, wanted) {
  const { code = "unknown", facts = {} } = /** @type {{code?: string, facts?: Record<string, any>}} */ (error ?? {});
  if (code === "price_changed") {
    const { price_minor, price_version } = facts;
    return { step: "choose", price_changed: { variant: wanted.variant, price_minor, price_version } };
  }
  return { step: "refused", refusal: { code, facts }, pool: wanted.pool };
}

/**
 * Until when all of these are held.
 * @param {Reservation[]} reservations
 * @returns {number}
 */
export function heldUntil_ms(reservations) {
  return Math.min(...reservations.map(({ deadline_ms }) => deadline_ms));
}

/**
 * @param {Reservation[]} reservations
 * @returns {number}
 */
export function totalOf_minor(reservations) {
  return reservations.reduce((sum, { total_minor }) => sum + total_minor, 0);
}
