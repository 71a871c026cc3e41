import assert from "node:assert/strict";
import { test } from "node:test";
import { productOffer, saleState, variantOffer } from "./offer.js";

const stock = (available, held = 0) => ({ available, held, sold: 0, total: 10 });
const variant = (id, price_minor, more = {}) => ({ id, title: id, price_minor, compare_at_minor: null, price_version: 3, pool: `po_${id}`, stock: stock(5), ...more });
const product = (...variants) => ({ id: "pr_1", title: "Tea", description: "", picture: null, pictures: [], currency: "USD", variants });
const sale = { id: "fs_1", product: "pr_1", variant: "a", pool: "po_fs_1", price_minor: 800, price_version: 9, currency: "USD", quantity: 5, limit: 1, starts_at_ms: 100, ends_at_ms: 200, ended_at_ms: null, state: "scheduled" };
const room = { sales: { fs_1: sale }, stock: { po_fs_1: stock(2) } };

test("a sale is open from its start until before its end, by the shop's clock", () => {
  assert.deepEqual([99, 100, 199, 200].map((now_ms) => saleState(sale, now_ms)), ["scheduled", "open", "open", "ended"]);
  assert.equal(saleState({ ...sale, ended_at_ms: 150 }, 160), "ended");
});

test("while a sale is open its price, pool, version and limit count", () => {
  const offer = variantOffer(product(variant("a", 1200)), variant("a", 1200), room, 150);
  assert.deepEqual([offer.price_minor, offer.was_minor, offer.price_version, offer.stock.available, offer.limit], [800, 1200, 9, 2, 1]);
});

test("before it opens the ordinary price counts and the sale is announced", () => {
  const offer = variantOffer(product(variant("a", 1200)), variant("a", 1200), room, 50);
  assert.deepEqual([offer.price_minor, offer.sale.state, offer.price_version, offer.limit], [1200, "scheduled", 3, 99]);
});

test("a product without a sale shows its cheapest choice that can be had", () => {
  const tea = product(variant("a", 500, { stock: stock(0, 2) }), variant("b", 900), variant("c", 1500));
  const offer = productOffer(tea, { sales: {}, stock: {} }, 0);
  assert.deepEqual([offer.price_minor, offer.from, offer.buyable, offer.stock.available], [900, true, true, 10]);
});

test("a product with nothing free cannot be bought, one without choices neither", () => {
  assert.equal(productOffer(product(variant("a", 500, { stock: stock(0) })), { sales: {}, stock: {} }, 0).buyable, false);
  assert.equal(productOffer(product(), { sales: {}, stock: {} }, 0).buyable, false);
});
