/** What a show's orders come to over its time: the curve, the best moment, the best seller. No DOM. */

/** @typedef {import("../lib/types.js").Order} Order */

const WON = new Set(["paid", "authorised", "fulfilled", "partly_refunded", "refunded"]);
const STEPS = 24;

/**
 * @typedef {object} Takings
 * @property {number[]} curve_minor money so far at the end of each of the steps
 * @property {number} best_step index of the step that brought most, -1 when none did
 * @property {number} best_minor what that step brought
 * @property {{title: string, quantity: number, revenue_minor: number, picture: import("../lib/types.js").Picture | null}[]} sellers most money first
 */

/**
 * @param {readonly Pick<Order, "state" | "created_at_ms" | "total_minor" | "lines">[]} orders
 * @param {number} from_ms @param {number} until_ms
 * @returns {Takings} Orders after the end (an ended show's page still sells) count into the last step.
 */
export function takings(orders, from_ms, until_ms) {
  const steps_minor = Array.from({ length: STEPS }, () => 0);
  const span_ms = Math.max(1, until_ms - from_ms);
  /** @type {Map<string, Takings["sellers"][number]>} */
  const sellers = new Map();
  for (const order of orders) {
    if (!WON.has(order.state)) continue;
    const step = Math.floor(((order.created_at_ms - from_ms) / span_ms) * STEPS);
    steps_minor[Math.min(STEPS - 1, Math.max(0, step))] += order.total_minor;
    for (const { title, quantity, line_total_minor, picture } of order.lines) {
      const one = sellers.get(title) ?? { title, quantity: 0, revenue_minor: 0, picture };
      one.quantity += quantity;
      one.revenue_minor += line_total_minor;
      sellers.set(title, one);
    }
  }
  let sum_minor = 0;
  const best_minor = Math.max(0, ...steps_minor);
  return {
    curve_minor: steps_minor.map((one) => (sum_minor += one)),
    best_step: best_minor > 0 ? steps_minor.indexOf(best_minor) : -1,
    best_minor,
    sellers: [...sellers.values()].sort((a, b) => b.revenue_minor - a.revenue_minor),
  };
}
