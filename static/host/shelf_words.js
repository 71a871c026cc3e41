/** What lists of shows and products are made from. No DOM. */

/** @typedef {import("../lib/types.js").ShowCard} ShowCard */
/** @typedef {import("../lib/types.js").Stock} Stock */

const STATES = Object.freeze({ live: 0, scheduled: 1, ended: 2 });

/**
 * Live shows first, then what comes next, then what is over, latest first.
 * @template {Pick<ShowCard, "state" | "starts_at_ms">} T
 * @param {readonly T[]} shows @returns {T[]}
 */
export function inOrder(shows) {
  return [...shows].sort((a, b) => STATES[a.state] - STATES[b.state]
    || (a.state === "ended" ? b.starts_at_ms - a.starts_at_ms : a.starts_at_ms - b.starts_at_ms));
}

/**
 * @param {{variants: {stock?: Stock | null}[]}} product
 * @returns {Stock | null} of all variants together; null when one is not known
 */
export function stockOf({ variants }) {
  const sum = { available: 0, held: 0, sold: 0, total: 0 };
  for (const { stock } of variants) {
    if (!stock) return null;
    sum.available += stock.available;
    sum.held += stock.held;
    sum.sold += stock.sold;
    sum.total += stock.total;
  }
  return variants.length ? sum : null;
}

/**
 * @param {{variants: {price_minor: number}[]}} product
 * @returns {{price_minor: number, from: boolean} | null} from: others cost more; null when it has no variant
 */
export function lowestPrice({ variants }) {
  if (!variants.length) return null;
  const prices = variants.map(({ price_minor }) => price_minor);
  return { price_minor: Math.min(...prices), from: new Set(prices).size > 1 };
}
