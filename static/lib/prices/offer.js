/**
 * What a product costs right now and how many there are: its flash sale while that is open, else its variants.
 * What is open is data compared with the shop's clock, as on the server.
 */

/** @typedef {import("../types.js").Product} Product */
/** @typedef {import("../types.js").Variant} Variant */
/** @typedef {import("../types.js").Sale} Sale */
/** @typedef {import("../types.js").Stock} Stock */
/**
 * @typedef {object} Offer
 * @property {Variant | null} variant the one the price is of
 * @property {Sale | null} sale open or scheduled
 * @property {number} price_minor
 * @property {number | null} was_minor the old price, when this one is lower
 * @property {number} price_version
 * @property {string} currency
 * @property {Stock | null} stock of the sale's pool or of all variants together
 * @property {boolean} from whether other variants cost more
 * @property {boolean} buyable whether a unit is free now
 * @property {number} limit most units for one buyer
 */

const MOST_UNITS = 99;

/**
 * @param {Sale} sale
 * @param {number} now_ms the shop's time
 * @returns {"scheduled" | "open" | "ended"}
 */
export function saleState(sale, now_ms) {
  if (sale.ended_at_ms !== null && sale.ended_at_ms !== undefined) return "ended";
  if (sale.state === "ended" || now_ms >= sale.ends_at_ms) return "ended";
  return now_ms >= sale.starts_at_ms ? "open" : "scheduled";
}

/**
 * The sale of a variant that counts: the open one, else the next.
 * @param {Record<string, Sale>} sales
 * @param {string} variant
 * @param {number} now_ms
 * @returns {Sale | null} with its state of this moment
 */
export function saleOf(sales, variant, now_ms) {
  const living = Object.values(sales)
    .filter((sale) => sale.variant === variant)
    .map((sale) => ({ ...sale, state: saleState(sale, now_ms) }))
    .filter((sale) => sale.state !== "ended")
    .sort((a, b) => a.starts_at_ms - b.starts_at_ms);
  return living.find((sale) => sale.state === "open") ?? living[0] ?? null;
}

/**
 * The offer of one variant.
 * @param {Product} product
 * @param {Variant} variant
 * @param {{sales: Record<string, Sale>, stock: Record<string, Stock>}} room
 * @param {number} now_ms
 * @returns {Offer}
 */
export function variantOffer(product, variant, room, now_ms) {
  const sale = saleOf(room.sales, variant.id, now_ms);
  const open = sale?.state === "open" ? sale : null;
  const price_minor = open ? open.price_minor : variant.price_minor;
  const before = open ? Math.max(variant.price_minor, variant.compare_at_minor ?? 0) : variant.compare_at_minor;
  const stock = open ? room.stock[open.pool] ?? null : room.stock[variant.pool] ?? variant.stock;
  return {
    variant, sale, price_minor, currency: product.currency, stock, from: false,
    was_minor: before !== null && before > price_minor ? before : null,
    price_version: open ? open.price_version : variant.price_version,
    buyable: stock ? stock.available > 0 : true,
    limit: open ? open.limit || MOST_UNITS : MOST_UNITS,
  };
}

/**
 * The offer a product is shown with: its open sale's, else the cheapest variant's that can be had.
 * @param {Product} product
 * @param {{sales: Record<string, Sale>, stock: Record<string, Stock>}} room
 * @param {number} now_ms
 * @returns {Offer}
 */
export function productOffer(product, room, now_ms) {
  const offers = product.variants.map((variant) => variantOffer(product, variant, room, now_ms));
  if (!offers.length) {
    return { variant: null, sale: null, price_minor: 0, was_minor: null, price_version: 0, currency: product.currency, stock: null, from: false, buyable: false, limit: 0 };
  }
  const onSale = offers.find(({ sale }) => sale?.state === "open");
  if (onSale) return onSale;
  const free = offers.filter(({ buyable }) => buyable);
  const best = (free.length ? free : offers).reduce((a, b) => (b.price_minor < a.price_minor ? b : a));
  const scheduled = offers.find(({ sale }) => sale)?.sale ?? null;
  return {
    ...best,
    sale: best.sale ?? scheduled,
    stock: sumStock(offers.map(({ stock }) => stock)),
    from: offers.some(({ price_minor }) => price_minor > best.price_minor),
    buyable: free.length > 0,
  };
}

/** @param {(Stock | null)[]} stocks @returns {Stock | null} null when any is unknown */
function sumStock(stocks) {
  const sum = { available: 0, held: 0, sold: 0, total: 0 };
  for (const stock of stocks) {
    if (!stock) return null;
    for (const name of /** @type {const} */ (["available", "held", "sold", "total"])) sum[name] += stock[name];
  }
  return sum;
}
