/**
 * The steps of a purchase and how they follow each other. Pure: the sheet draws the step, the counter does the work.
 *
 *   choose ──hold──> holding ──held──> details ──order──> order (paying, confirming, paid, declined, …)
 *      ^                 └──refused──> refused                └── declined, no answer: pay again within the hold
 *      │                 └── wait: one's place in the line until units are offered, then details
 *      └── the price changed, or once more after the time was over
 */

/** @typedef {import("../../lib/types.js").Order} Order */
/** @typedef {import("../../lib/types.js").Reservation} Reservation */
/** @typedef {import("../../lib/room/room_state.js").RoomState} RoomState */
/** @typedef {{code: string, facts: Record<string, any>}} Refusal */
/** @typedef {{variant: string, sale: string | null}} Wanted */
/**
 * @typedef {{step: "choose", price_changed: {variant: string, price_minor: number, price_version: number} | null}
 *   | {step: "holding", queued: import("./counter.js").Queued | null}
 *   | {step: "details", reservations: Reservation[]}
 *   | {step: "order", order: Order | null, pay_url: string | null}
 *   | {step: "refused", refusal: Refusal, pool: string | null, wanted: Wanted | null}
 *   | {step: "waiting", place: import("../../lib/types.js").Place}
 *   | {step: "over", how: "too_late" | "released"}} Flow
 */
/** @typedef {"paying"|"confirming"|"placed"|"given_back"|"paid"|"declined"|"timed_out"|"too_late"|"cancelled"|"capture_failed"} Outcome */

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
    case "expired": return paying === "refunded" ? "given_back" : "too_late";
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
  const place = (state.you?.waits ?? []).find((one) => one.product === product);
  if (place) return { step: "waiting", place };
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
 * The sheet after one of its reservations changed, however late the answer came.
 * @param {Flow} flow
 * @param {string} id
 * @param {Reservation | null | undefined} next
 * @returns {Flow}
 */
export function afterChange(flow, id, next) {
  if (flow.step !== "details") return flow;
  const reservations = flow.reservations.flatMap((one) => one.id !== id ? [one] : next?.state === "open" && next.lines.length ? [next] : []);
  return reservations.length ? { step: "details", reservations } : { step: "over", how: "released" };
}

/**
 * The step after a refused hold.
 * @param {unknown} error an ApiError or RoomError
 * @param {{variant: string, sale?: string | null, pool: string | null}} wanted
 * @returns {Flow}
 */
export function afterRefusal(error, wanted) {
  const { code = "unknown", facts = {} } = /** @type {{code?: string, facts?: Record<string, any>}} */ (error ?? {});
  if (code === "price_changed") {
    const { price_minor, price_version } = facts;
    return { step: "choose", price_changed: { variant: wanted.variant, price_minor, price_version } };
  }
  const waitable = wanted.sale === undefined ? null : { variant: wanted.variant, sale: wanted.sale };
  return { step: "refused", refusal: { code, facts }, pool: wanted.pool, wanted: waitable };
}

/**
 * A line that is held only when payment begins (first paid, first served), as the details show it.
 * @param {import("./counter.js").Line} line
 * @param {{pool: string, product: string, price_minor: number, currency: string}} sale
 * @param {{show: string, person: string}} where
 * @returns {Reservation}
 */
export function draftOf(line, sale, { show, person }) {
  const { pool, product, price_minor, currency } = sale;
  const held = { ...line, pool, product, title: "", price_minor };
  return {
    id: "", shop: "", show, person, state: "open", deadline_ms: Infinity, draft: true, currency,
    lines: [held], total_minor: price_minor * line.quantity,
  };
}

/**
 * What an order is made of: what is held, or lines that are held when payment begins.
 * @param {Reservation[]} reservations
 * @returns {import("./counter.js").Wanted}
 */
export function wantedOf(reservations) {
  const [first] = reservations;
  if (!first.draft) return { reservations: reservations.map(({ id }) => id) };
  const lines = first.lines.map(({ variant, sale, quantity, price_version }) => ({ variant, sale, quantity, price_version }));
  return { lines, show: first.show ?? undefined };
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
