/** An order on its page: state, lines, total, where it goes, who sold it, and what can still be done. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { formatDay, formatTime } from "../lib/clock.js";
import { taxText } from "../lib/prices/money.js";
import { addressLines } from "../lib/words/places.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Countdown } from "../views/countdown.js";
import { OrderBadge } from "../views/order_badge.js";
import { Picture } from "../views/picture.js";
import { Conversation, useConversation } from "../views/conversation/conversation.js";
import { useBusy } from "../views/use_attempt.js";
import { AfterSaleView } from "./after_sale.js";

/** @typedef {import("../lib/types.js").Order} Order */
/** @typedef {import("../lib/types.js").AfterSale} AfterSale */

/** What an order that is neither open nor paid means to its buyer: the key of the sentence. @param {Order} order @returns {string | null} */
function newsOf({ state, payment }) {
  if (state === "expired" && payment?.state === "refunded") return "order.given_back_next";
  switch (state) {
    case "authorised": return "buy.confirming_next";
    case "expired": return "order.expired_next";
    case "cancelled": return "buy.cancelled_next";
    case "capture_failed": return "buy.capture_failed_next";
    case "refunded": return "order.refunded_next";
    default: return null;
  }
}

/**
 * @param {{order: Order, query: string, onOrder: (order: Order) => void, after: AfterSale | null, onAfter: (after: AfterSale) => void}} props
 *   after: null before the order is paid, or for somebody who is not its buyer
 */
export function OrderView({ order, query, onOrder, after, onAfter }) {
  const { t, i18n, money, clock } = useApp();
  const news = newsOf(order);
  const { payment } = order;
  const feed = useConversation(`/orders/${order.id}`, query);
  const asked = new URLSearchParams(location.hash.slice(1)).has("messages");
  const [away, setAway] = useState(false);
  useEffect(() => {
    // Only where the messages are further down: what is on the screen needs no pointer to it.
    const top = document.getElementById("messages")?.getBoundingClientRect().top ?? 0;
    setAway(!asked && !!feed.value?.unread && top > innerHeight * 0.8);
  }, [!!feed.value]);
  const taxes = (order.taxes ?? []).map((tax) => ({ text: taxText(tax, i18n.locale), amount: money(tax.tax_minor, order.currency) }));
  return html`<article class="stack stack--wide">
    <header class="stack stack--tight">
      <h1>${t("order.title", { number: order.number })}</h1>
      <p class="row row--wrap"><${OrderBadge} state=${order.state} /><span class="quiet">${t("order.placed", { when: formatDay(order.created_at_ms, i18n.locale, clock.now_ms()) })}</span></p>
    </header>
    ${away && !!feed.value?.unread && html`<p class="notice notice--accent row row--spread"><b>${t("conversation.news", { shop: order.shop.name, count: feed.value.unread })}</b><button type="button" class="btn btn--small" onClick=${() => document.getElementById("messages")?.scrollIntoView()}>${t("conversation.to")}</button></p>`}
    ${(order.state === "pending" || order.state === "placed") && html`<${Unpaid} order=${order} query=${query} onOrder=${onOrder} />`}
    ${news && html`<p class=${`notice ${order.state === "capture_failed" ? "notice--trouble" : ""}`}>${t(news, { email: order.shop.contact_email ?? "" })}</p>`}
    <section class="card stack"><h2>${t("order.items")}</h2>
      <ul class="stack">${order.lines.map((line) => html`<li class="order-line"><span class="order-line__picture"><${Picture} picture=${line.picture} sizes="64px" /></span>
        <span class="grow"><b>${line.title}</b>${line.variant_title && html`<span class="small quiet order-line__what">${line.variant_title}</span>`}
          <span class="row row--wrap row--spread"><span class="small quiet figures">${t("order.quantity", { quantity: line.quantity, price: money(line.price_minor, order.currency) })}</span>
            <b class="figures">${money(line.line_total_minor, order.currency)}</b></span></span></li>`)}</ul>
      <dl class="pairs order-sum">
        ${order.items_minor !== order.total_minor && html`<dt>${t("buy.items")}</dt><dd>${money(order.items_minor, order.currency)}</dd>`}
        ${(order.discount_minor ?? 0) > 0 && html`<dt>${t("buy.discount")}</dt><dd>${money(-(order.discount_minor ?? 0), order.currency)}</dd>`}
        ${order.shipping && html`<dt>${t("buy.shipping")} · ${order.shipping.name}</dt><dd>${order.shipping_minor ? money(order.shipping_minor, order.currency) : t("buy.free")}</dd>`}
        ${!order.tax_inclusive && taxes.map(({ text, amount }) => html`<dt>${text}</dt><dd>${amount}</dd>`)}
        <dt class="pairs__total">${t("buy.total")}</dt><dd class="pairs__total">${money(order.total_minor, order.currency)}</dd>
        ${order.tax_inclusive && taxes.map(({ text, amount }) => html`<dt>${t("buy.tax_in", { tax: text })}</dt><dd>${amount}</dd>`)}
        ${payment && html`<dt>${t("order.payment")}</dt><dd>${payment.method === "sandbox" && html`<span class="badge">TEST</span> `}${t(order.state === "refunded" ? "order.state.refunded" : `order.payment.${payment.state}`)}</dd>`}
      </dl>
    </section>
    <${Conversation} feed=${feed} side="buyer" shop=${order.shop.name} buyer="" shown=${asked} />
    ${after && html`<${AfterSaleView} after=${after} query=${query} onAfter=${onAfter} />`}
    <div class="order-cards">
      ${order.contact && order.address?.line1 && html`<${GoesTo} order=${order} />`}
      ${order.shipping?.kind === "pickup" && html`<section class="card stack stack--tight"><h2>${t("order.pickup")}</h2><p><b>${order.shipping.name}</b></p><p class="order-lines__many">${order.shipping.note}</p></section>`}
      <${SoldBy} order=${order} />
    </div>
    ${order.show && html`<a class="btn btn--wide" href=${`/shows/${order.show}`}>${t("order.to_show")}</a>`}
  </article>`;
}

/** @param {{order: Order}} props */
function GoesTo({ order }) {
  const { t, i18n } = useApp();
  const { contact, address } = order;
  if (!contact || !address) return null;
  const lines = [contact.name, ...addressLines(address, i18n.locale), contact.email, contact.phone];
  return html`<section class="card stack stack--tight"><h2>${t("order.to")}</h2><address class="order-lines">${lines.filter(Boolean).map((line) => html`<span>${line}</span>`)}</address></section>`;
}

/** @param {{order: Order}} props */
function SoldBy({ order }) {
  const { t } = useApp();
  const { shop } = order;
  return html`<section class="card stack stack--tight"><h2>${t("order.seller")}</h2>
    <address class="order-lines"><span>${shop.legal_name || shop.name}</span>${shop.legal_address && html`<span class="order-lines__many">${shop.legal_address}</span>`}
      ${shop.contact_email && html`<a href=${`mailto:${shop.contact_email}`}>${shop.contact_email}</a>`}</address></section>`;
}

/** Pay now, or cancel. @param {{order: Order, query: string, onOrder: (order: Order) => void}} props */
function Unpaid({ order, query, onOrder }) {
  const { t, i18n, api } = useApp();
  const [sure, setSure] = useState(false);
  const { busy, run } = useBusy();
  const pay = () => run("pay", async () => {
    const answer = await api.post(`/orders/${order.id}/pay${query}`, {}, { key: true });
    onOrder(answer.order);
    if (answer.pay_url) location.assign(answer.pay_url);
  });
  const cancel = () => run("cancel", async () => {
    const answer = await api.post(`/orders/${order.id}/cancel${query}`, {}, { key: true });
    onOrder(answer.order ?? answer);
  });
  const placed = order.state === "placed";
  return html`<section class="notice notice--accent order-unpaid">
    ${placed && html`<p><b>${t("order.placed_next", { shop: order.shop.name })}</b></p>`}
    ${placed && order.payment?.instructions && html`<h2>${t("order.how_to_pay")}</h2><p class="order-lines__many">${order.payment.instructions}</p>`}
    ${order.deadline_ms && html`<p class="row row--spread"><b>${t("order.pay_until", { time: formatTime(order.deadline_ms, i18n.locale) })}</b><${Countdown} until_ms=${order.deadline_ms} urgent_ms=${60_000} /></p>`}
    ${sure
      ? html`<p>${t("order.cancel_sure")}</p><div class="row row--wrap"><${Button} kind="danger" busy=${busy === "cancel"} onClick=${cancel}>${t("order.cancel_yes")}<//><${Button} onClick=${() => setSure(false)}>${t("order.cancel_no")}<//></div>`
      : html`<div class="row row--wrap">${!placed && html`<${Button} kind="accent" busy=${busy === "pay"} onClick=${pay}>${t("order.pay")}<//>`}<${Button} kind="quiet" onClick=${() => setSure(true)}>${t("order.cancel")}<//></div>`}
  </section>`;
}
