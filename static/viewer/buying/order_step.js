/** An order on its way: the payment tab is open, the shop confirms, and each of the ends. */

import { html, useEffect, useState } from "../../vendor/preact.js";
import { formatTime } from "../../lib/clock.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { Countdown } from "../../views/countdown.js";
import { Failed } from "../../views/empty_state.js";
import { SkeletonLines } from "../../views/skeleton.js";
import { useShow } from "../show_context.js";
import { CancelOrder, Ending } from "./ending.js";
import { outcomeOf } from "./flow.js";
import { PaymentTab, onPaymentReturn } from "./payment_tab.js";

const ASK_EVERY_MS = 2_500;

/** @typedef {import("../../lib/types.js").Order} Order */

/**
 * @param {{order: Order | null, order_id: string, pay_url: string | null, onOrder: (order: Order, pay_url: string | null) => void, onAgain: () => void}} props
 */
export function OrderStep({ order: first, order_id, pay_url, onOrder, onAgain }) {
  const { t } = useApp();
  const { order, error, ask } = useOrder(first, order_id);
  if (!order) {
    if (error) return html`<${Failed} error=${error} onAgain=${ask} />`;
    return html`<${SkeletonLines} lines=${4} label=${t("loading")} />`;
  }
  const outcome = outcomeOf(order);
  if (outcome === "paying") return html`<${Paying} order=${order} pay_url=${pay_url ?? order.payment?.pay_url ?? null} onOrder=${onOrder} onLate=${ask} />`;
  return html`<${Ending} kind=${outcome} order=${order} onAgain=${onAgain} onOrder=${onOrder} />`;
}

/**
 * Follows an order: what the room says to this person, the payment tab's return, and asking now and then.
 * @param {Order | null} first
 * @param {string} order_id
 */
function useOrder(first, order_id) {
  const { counter, room } = useShow();
  const [order, setOrder] = useState(first);
  const [error, setError] = useState(/** @type {unknown} */ (null));
  useEffect(() => setOrder(first), [first]);
  const moving = !order || outcomeOf(order) === "paying" || outcomeOf(order) === "confirming";
  const ask = () => counter.order(order_id).then((news) => {
    setError(null);
    setOrder(news);
  }, setError);
  useEffect(() => {
    if (!order) void ask();
    const stops = [
      room.on("you", ({ event, order: news }) => event === "order" && news?.id === order_id && setOrder(news)),
      onPaymentReturn((id) => id === order_id && void ask()),
    ];
    return () => stops.forEach((stop) => stop());
  }, [order_id]);
  useEffect(() => {
    if (!moving) return undefined;
    const timer = setInterval(() => document.visibilityState === "visible" && void ask(), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [moving, order_id]);
  return { order, error, ask };
}

/** @param {{order: Order, pay_url: string | null, onOrder: (order: Order, pay_url: string | null) => void, onLate: () => void}} props */
function Paying({ order, pay_url, onOrder, onLate }) {
  const { t, i18n, money } = useApp();
  const { counter } = useShow();
  const open = async () => { // some providers' pages end after minutes: ask for one that works now
    const tab = new PaymentTab();
    tab.open();
    const fresh = await counter.payAgain(order.id).then((answer) => answer.pay_url, () => null);
    const url = fresh ?? pay_url;
    if (url) tab.go(url);
  };
  return html`<section class="ending" role="status">
    <span class="ending__ring" aria-hidden="true"></span>
    <h3 class="ending__title">${t("buy.paying")}</h3>
    <p class="quiet">${t("buy.paying_next")}</p>
    ${order.deadline_ms && html`<p class="held"><span>${t("buy.held_until", { time: formatTime(order.deadline_ms, i18n.locale) })}</span><${Countdown} until_ms=${order.deadline_ms} urgent_ms=${60_000} onEnd=${onLate} /></p>`}
    <p class="big figures">${money(order.total_minor, order.currency)}</p>
    <div class="ending__next">
      ${pay_url && html`<${Button} kind="accent wide tall" onClick=${open}>${t("buy.paying_open")}<//>`}
      <${CancelOrder} order=${order} onOrder=${onOrder} />
    </div>
  </section>`;
}
