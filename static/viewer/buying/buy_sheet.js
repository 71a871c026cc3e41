/** The sheet in which something is bought, from the choice to the end; the show goes on above it. */

import { html, useEffect, useState } from "../../vendor/preact.js";
import { productOffer, saleOf } from "../../lib/prices/offer.js";
import { Button } from "../../views/button.js";
import { Icon } from "../../views/icon.js";
import { useApp } from "../../views/app.js";
import { Sheet } from "../../views/sheet.js";
import { SkeletonLines } from "../../views/skeleton.js";
import { useShow } from "../show_context.js";
import { ChooseStep } from "./choose_step.js";
import { DetailsStep } from "./details_step.js";
import { Ending } from "./ending.js";
import { afterChange, afterRefusal, draftOf, startOf, withBag } from "./flow.js";
import { OrderStep } from "./order_step.js";
import { Refused } from "./refused.js";
import { InLine, Waiting } from "./waiting.js";

/** @typedef {import("./flow.js").Flow} Flow */

/**
 * One of: a product to buy, reservations to pay, an order to follow.
 * @param {{product_id?: string, reservations?: string[], order_id?: string, look?: boolean}} props look: it was opened by a link, not by a press that means to buy
 */
export function BuySheet({ product_id, reservations, order_id, look = false }) {
  const { t } = useApp();
  const { state, openSheet } = useShow();
  const purchase = usePurchase({ product_id, reservations, order_id, look });
  const { flow } = purchase;
  const product = product_id ? state.products[product_id] : null;
  const title = flow.step === "details" ? t("buy.details") : flow.step === "order" ? t("buy.your_order") : product?.title ?? t("bag.title");
  const again = product ? purchase.again : () => openSheet({ kind: "products" });
  const share = product && flow.step === "choose" && html`<${Button} kind="quiet round" label=${t("share.product", { product: product.title })} onClick=${() => openSheet({ kind: "share", product: product.id, chosen: true })}><${Icon} name="share" /><//>`;
  return html`<${Sheet} title=${title} clear=${true} class="sheet--buy" tools=${share} onClose=${() => openSheet(null)}>${body()}<//>`;

  function body() {
    switch (flow.step) {
      case "choose": return product && html`<${ChooseStep} product=${product} price_changed=${flow.price_changed} onHold=${purchase.hold} />`;
      case "holding": return flow.queued ? html`<${InLine} queued=${flow.queued} />` : html`<${SkeletonLines} lines=${4} label=${t("buy.holding")} />`;
      case "details": return html`<${DetailsStep} reservations=${flow.reservations} onChanged=${purchase.changed} onOrder=${purchase.ordered} onOver=${purchase.over} />`;
      case "order": return html`<${OrderStep} order=${flow.order} order_id=${order_id ?? flow.order?.id ?? ""} pay_url=${flow.pay_url} onOrder=${purchase.ordered} onAgain=${again} />`;
      case "over": return html`<${Ending} kind=${flow.how} onAgain=${again} />`;
      case "waiting": return html`<${Waiting} place=${flow.place} onOffer=${purchase.offered} onLeft=${() => openSheet(null)} />`;
      default: return html`<${Refused} refusal=${flow.refusal} pool=${flow.pool} wanted=${flow.wanted} onPlace=${purchase.waits} onAgain=${product ? purchase.again : null} />`;
    }
  }
}

/**
 * The state of one purchase and what moves it.
 * @param {{product_id?: string, reservations?: string[], order_id?: string, look: boolean}} subject
 */
function usePurchase({ product_id, reservations, order_id, look }) {
  const { counter, state, show, buyer } = useShow();
  const { clock } = useApp();
  const [flow, setFlow] = useState(/** @returns {Flow} */ () => first());
  const hold = async (/** @type {import("./counter.js").Line} */ line, /** @type {string | null} */ pool) => {
    const sale = line.sale ? state.sales[line.sale] : null;
    if (sale?.pay_first) {
      return setFlow({ step: "details", reservations: [draftOf(line, sale, { show: show.id, person: state.you?.person ?? "" })] });
    }
    setFlow({ step: "holding", queued: null });
    const inLine = (/** @type {import("./counter.js").Queued} */ queued) => setFlow({ step: "holding", queued });
    try {
      return setFlow({ step: "details", reservations: withBag(state, await counter.reserve([line], inLine)) });
    } catch (error) {
      return setFlow(afterRefusal(error, { variant: line.variant, sale: line.sale, pool }));
    }
  };
  useEffect(() => {
    if (!buyer.saved?.means.length) buyer.again(); // it may have been remembered only just now
    if (look || flow.step !== "choose" || !product_id) return;
    const now_ms = clock.now_ms();
    const wanted = flashLine(state, product_id, now_ms) ?? (buyer.saved?.contact ? firstLine(state, product_id, now_ms) : null);
    if (wanted) void hold(wanted.line, wanted.pool);
  }, []);
  return {
    flow,
    hold,
    waits: (/** @type {import("../../lib/types.js").Place} */ place) => setFlow({ step: "waiting", place }),
    offered: (/** @type {import("./flow.js").Reservation} */ offer) => setFlow({ step: "details", reservations: [offer] }),
    changed: (/** @type {string} */ id, /** @type {import("./flow.js").Reservation | null} */ next) => setFlow((now) => afterChange(now, id, next)),
    ordered: (/** @type {import("./flow.js").Order} */ order, /** @type {string | null} */ pay_url) => setFlow({ step: "order", order, pay_url }),
    over: (/** @type {"too_late" | "released"} */ how) => setFlow({ step: "over", how }),
    again: () => setFlow({ step: "choose", price_changed: null }),
  };

  /** @returns {Flow} */
  function first() {
    if (order_id) return { step: "order", order: null, pay_url: null };
    if (!reservations) return startOf(state, product_id ?? "");
    const held = (state.you?.reservations ?? []).filter(({ id }) => reservations.includes(id));
    return held.length ? { step: "details", reservations: held } : { step: "over", how: "too_late" };
  }
}

/** @typedef {{line: import("./counter.js").Line, pool: string | null}} Wanted */

/**
 * In a flash sale a press holds at once: choosing comes second, or another has it.
 * @param {import("../../lib/room/room_state.js").RoomState} state
 * @param {string} product_id
 * @param {number} now_ms
 * @returns {Wanted | null} null without an open sale
 */
function flashLine(state, product_id, now_ms) {
  for (const { id } of state.products[product_id]?.variants ?? []) {
    const sale = saleOf(state.sales, id, now_ms);
    if (sale?.state === "open" && !sale.pay_first) return { line: { variant: id, sale: sale.id, quantity: 1, price_version: sale.price_version }, pool: sale.pool };
  }
  return null;
}

/**
 * Whose details are remembered is one press from paying: what the card showed is held, and can still be changed there.
 * @param {import("../../lib/room/room_state.js").RoomState} state
 * @param {string} product_id
 * @param {number} now_ms
 * @returns {Wanted | null} null when nothing can be had
 */
function firstLine(state, product_id, now_ms) {
  const product = state.products[product_id];
  const offer = product && productOffer(product, state, now_ms);
  if (!offer?.variant || !offer.buyable) return null;
  return { line: { variant: offer.variant.id, sale: null, quantity: 1, price_version: offer.price_version }, pool: offer.variant.pool };
}
