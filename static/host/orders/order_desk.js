/** One order as the shop's host works on it: requests, lines, parcels, money, documents, who bought it. */

import { html, useState } from "../../vendor/preact.js";
import { formatDay } from "../../lib/clock.js";
import { countryName } from "../../lib/words/countries.js";
import { saveFile } from "../../lib/files/download.js";
import { newKey } from "../../lib/ids.js";
import { taxText } from "../../lib/prices/money.js";
import { useApp, useLoad } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { Conversation, useConversation } from "../../views/conversation/conversation.js";
import { Failed } from "../../views/empty_state.js";
import { Icon } from "../../views/icon.js";
import { OrderBadge } from "../../views/order_badge.js";
import { Picture } from "../../views/picture.js";
import { SkeletonLines } from "../../views/skeleton.js";
import { useAttempt, useBusy } from "../../views/use_attempt.js";
import { CancelSheet } from "./cancel_sheet.js";
import { ParcelSheet } from "./parcel_sheet.js";
import { Parcels, Refunds } from "./order_history.js";
import { RefundSheet } from "./refund_sheet.js";
import { Requests } from "./requests.js";

/** @typedef {import("../../lib/types.js").AfterSale} AfterSale */
/** @typedef {import("../../lib/types.js").Return} Return */
/** @typedef {import("../../lib/types.js").Parcel} Parcel */
/** @typedef {import("../../lib/types.js").ShopRole} ShopRole */
/** @typedef {{kind: "pack"} | {kind: "send", parcel: Parcel} | {kind: "refund", of: Return | null} | {kind: "cancel"}} Open */
/** @typedef {(what: string, path: string, body?: unknown, method?: "post" | "delete") => Promise<void>} Act */

/** @param {{shop: ShopRole, order_id: string}} props */
export function OrderDesk({ shop, order_id }) {
  const { t, api, toasts } = useApp();
  const path = `/shops/${shop.id}/orders/${encodeURIComponent(order_id)}`;
  const loaded = useLoad(() => api.get(path), [path]);
  const [open, setOpen] = useState(/** @type {Open | null} */ (null));
  const { busy, run } = useBusy();
  const feed = useConversation(path, "");
  /** @type {AfterSale | null} */
  const after = loaded.value;
  const back = html`<a class="btn btn--quiet btn--round" href=${`#shop=${shop.id}`} aria-label=${t("desk.back")} title=${t("desk.back")}><${Icon} name="back" /></a>`;
  if (!after) return html`<header class="desk__head">${back}</header>${loaded.error ? html`<${Failed} error=${loaded.error} onAgain=${loaded.again} />` : html`<div class="card"><${SkeletonLines} lines=${8} label=${t("loading")} /></div>`}`;
  /** @type {Act} */
  const act = (what, to, body = {}, method = "post") => run(what, async () => {
    loaded.set(await api[method](path + to, body, { key: newKey() }));
  });
  const settle = (/** @type {"received" | "missing"} */ what) => run(what, async () => {
    await api.post(`${path}/payment-${what}`);
    loaded.again();
    toasts.show(t(`desk.payment_${what}_done`));
  });
  const done = (/** @type {AfterSale} */ now, /** @type {string} */ said) => {
    loaded.set(now);
    setOpen(null);
    if (said) toasts.show(t(said));
  };
  const close = () => setOpen(null);
  const sheet = { path, after, onClose: close, onDone: done };
  return html`<${Head} after=${after} back=${back} path=${path} shop=${shop} onOpen=${setOpen} />
    <div class="desk-order">
      <div class="stack stack--wide">
        ${after.order.state === "placed" && html`<${Unpaid} order=${after.order} busy=${busy} onSettle=${settle} />`}
        <${Requests} after=${after} busy=${busy} act=${act} onOpen=${setOpen} />
        <${Lines} after=${after} />
        <${Parcels} after=${after} busy=${busy} act=${act} onOpen=${setOpen} />
        <${Refunds} after=${after} />
        <${Conversation} feed=${feed} side="shop" shop=${after.order.shop.name} buyer=${after.order.contact?.name ?? ""} may_close />
      </div>
      <div class="stack stack--wide"><${Buyer} after=${after} /><${Papers} after=${after} path=${path} /></div>
    </div>
    ${open?.kind === "pack" && html`<${ParcelSheet} ...${sheet} parcel=${null} />`}
    ${open?.kind === "send" && html`<${ParcelSheet} ...${sheet} parcel=${open.parcel} />`}
    ${open?.kind === "refund" && html`<${RefundSheet} ...${sheet} of=${open.of} />`}
    ${open?.kind === "cancel" && html`<${CancelSheet} ...${sheet} />`}`;
}

/** @param {{after: AfterSale, back: unknown, path: string, shop: ShopRole, onOpen: (open: Open) => void}} props */
function Head({ after, back, path, shop, onOpen }) {
  const { t, api, i18n, clock } = useApp();
  const attempt = useAttempt();
  const { order, may } = after;
  const print = () => attempt(async () => saveFile(await api.file(`/shops/${shop.id}/packing-list?orders=${order.id}`), `packing-list-${order.number}.pdf`));
  return html`<header class="desk__head">${back}<h1 class="figures">${order.number}</h1><${OrderBadge} state=${order.state} />
      <span class="quiet small">${formatDay(order.created_at_ms, i18n.locale, clock.now_ms())}</span></header>
    <p class="desk__actions">
      ${may.includes("pack") && html`<${Button} kind=${order.state === "placed" ? undefined : "accent"} onClick=${() => onOpen({ kind: "pack" })}><${Icon} name="send" />${t("desk.send")}<//>`}
      ${may.includes("pack") && html`<${Button} onClick=${print}><${Icon} name="list" />${t("desk.packing_list")}<//>`}
      ${may.includes("refund") && html`<${Button} onClick=${() => onOpen({ kind: "refund", of: null })}><${Icon} name="undo" />${t("desk.refund")}<//>`}
      ${may.includes("cancel") && html`<${Button} kind="danger" onClick=${() => onOpen({ kind: "cancel" })}>${t("desk.cancel")}<//>`}
    </p>`;
}

/**
 * Paid by hand, and not yet: the host's word about the money.
 * @param {{order: import("../../lib/types.js").Order, busy: string, onSettle: (what: "received" | "missing") => void}} props
 */
function Unpaid({ order, busy, onSettle }) {
  const { t, money } = useApp();
  return html`<section class="card stack" aria-label=${t("desk.unpaid")}><h2>${t("desk.unpaid")}</h2>
    <p class="quiet">${t("desk.unpaid_intro", { amount: money(order.total_minor, order.currency) })}</p>
    <p class="desk__actions"><${Button} kind="accent" busy=${busy === "received"} onClick=${() => onSettle("received")}>${t("desk.payment_received")}<//>
      <${Button} kind="danger" busy=${busy === "missing"} onClick=${() => onSettle("missing")}>${t("desk.payment_missing")}<//></p></section>`;
}

/** @param {{after: AfterSale}} props */
function Lines({ after: { order, lines, captured_minor, refunded_minor } }) {
  const { t, i18n, money } = useApp();
  const taxes = order.taxes ?? [];
  const sum = (/** @type {string} */ name, /** @type {number} */ amount) => html`<dt>${name}</dt><dd>${money(amount, order.currency)}</dd>`;
  return html`<section class="card stack" aria-label=${t("order.items")}><h2>${t("order.items")}</h2>
    <ul class="stack">${order.lines.map((line, place) => html`<li class="desk-line"><span class="desk-line__picture"><${Picture} picture=${line.picture} sizes="56px" /></span>
      <span class="grow"><b>${line.title}</b>${line.variant_title && html`<span class="small quiet desk-line__what">${line.variant_title}</span>`}
        <span class="desk-line__state"><span class="small quiet figures">${t("order.quantity", { quantity: line.quantity, price: money(line.price_minor, order.currency) })}</span><${Where} line=${lines[place]} over=${order.state === "cancelled"} /></span></span>
      <b class="figures">${money(line.line_total_minor, order.currency)}</b></li>`)}</ul>
    <dl class="pairs desk-sum">
      ${order.shipping_minor > 0 && sum(t("buy.shipping"), order.shipping_minor)}${!order.tax_inclusive && taxes.map((tax) => sum(taxText(tax, i18n.locale), tax.tax_minor))}
      <dt class="pairs__total">${t("buy.total")}</dt><dd class="pairs__total">${money(order.total_minor, order.currency)}</dd>
      ${order.tax_inclusive && taxes.map((tax) => sum(t("buy.tax_in", { tax: taxText(tax, i18n.locale) }), tax.tax_minor))}
      ${captured_minor > 0 && sum(t("desk.paid"), captured_minor)}${refunded_minor > 0 && sum(t("desk.refunded"), refunded_minor)}
    </dl></section>`;
}

/** Where a line's units are, in words. @param {{line: import("../../lib/types.js").LineAfter, over: boolean}} props over: nothing will be sent any more */
function Where({ line, over }) {
  const { t } = useApp();
  /** @type {[string, number, string][]} */
  const all = [["to_send", over ? 0 : line.to_send, "accent"], ["packed", line.packed, ""], ["sent", line.sent, "won"], ["returned", line.returned, ""]];
  return html`${all.filter(([, count]) => count > 0).map(([name, count, tone]) => html`<span class=${`badge ${tone ? `badge--${tone}` : ""}`}>${t(`desk.units.${name}`, { count })}</span>`)}`;
}

/** @param {{after: AfterSale}} props */
function Buyer({ after: { order } }) {
  const { t, i18n } = useApp();
  const { contact, address } = order;
  if (!contact?.email && !address?.line1) return html`<section class="card stack stack--tight"><h2>${t("order.to")}</h2><p class="quiet">${t("desk.forgotten")}</p></section>`;
  const lines = [contact?.name, address?.line1, address?.line2, `${address?.postcode ?? ""} ${address?.city ?? ""}`.trim(), address?.region, address && countryName(address.country, i18n.locale), contact?.phone];
  return html`<section class="card stack stack--tight"><h2>${t("order.to")}</h2>
    <address class="desk-address">${lines.filter(Boolean).map((line) => html`<span>${line}</span>`)}</address>
    ${contact?.email && html`<a class="link link--tap desk-address__mail" href=${`mailto:${contact.email}`}>${contact.email}</a>`}</section>`;
}

/** @param {{after: AfterSale, path: string}} props */
function Papers({ after: { documents }, path }) {
  const { t, api } = useApp();
  const attempt = useAttempt();
  if (!documents.length) return null;
  const load = (/** @type {import("../../lib/types.js").OrderDocument} */ one) => attempt(async () => {
    saveFile(await api.file(`${path}/documents/${one.subject}`), `${one.number || one.kind}.pdf`);
  });
  return html`<section class="card stack stack--tight"><h2>${t("desk.documents")}</h2>
    ${documents.map((one) => html`<${Button} kind="wide" onClick=${() => load(one)}>${t(`desk.${one.kind}`)} ${one.number}<//>`)}</section>`;
}
