/** A shop's orders: by state, found by number or e-mail, with packing lists and the export. */

import { html, useEffect, useState } from "../../vendor/preact.js";
import { formatDay } from "../../lib/clock.js";
import { Polling } from "../../lib/server/polling.js";
import { saveFile } from "../../lib/files/download.js";
import { useApp, useLoad } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { EmptyState, Failed } from "../../views/empty_state.js";
import { Icon } from "../../views/icon.js";
import { OrderBadge } from "../../views/order_badge.js";
import { SkeletonLines } from "../../views/skeleton.js";
import { useBusy } from "../../views/use_attempt.js";
import { ExportSheet } from "./export_sheet.js";
import { RulesSheet } from "./rules_sheet.js";

/** @typedef {import("../../lib/types.js").Order} Order */
/** @typedef {import("../../lib/types.js").ShopRole} ShopRole */

const WORK = ["to_send", "asked", "unread", ""];
const UNREAD_EVERY_MS = 15_000;
const STATES = ["pending", "authorised", "placed", "paid", "fulfilled", "partly_refunded", "refunded", "capture_failed", "cancelled", "expired"];
const TYPING_MS = 300;

/** @param {{shop: ShopRole, shops: ShopRole[], state: string}} props */
export function OrderList({ shop, shops, state }) {
  const { t, api } = useApp();
  const [typed, setTyped] = useState("");
  const [words, setWords] = useState("");
  const [sheet, setSheet] = useState(/** @type {"export" | "rules" | null} */ (null));
  useEffect(() => {
    const timer = setTimeout(() => setWords(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const query = new URLSearchParams({ ...(state && { state }), ...(words && { q: words }) });
  const first = useLoad(() => api.get(`/shops/${shop.id}/orders?${query}`), [shop.id, state, words]);
  const asked = useLoad(() => api.get(`/shops/${shop.id}/orders?state=asked`), [shop.id]);
  const waiting = asked.value ? `${asked.value.orders.length}${asked.value.next ? "+" : ""}` : "0";
  const unread = useUnread(shop.id);
  /** @type {Record<string, string>} */
  const counts = { asked: waiting, unread: String(unread) };
  const choose = (/** @type {string} */ one) => { location.hash = String(new URLSearchParams({ shop: shop.id, state: one })); };
  return html`<header class="desk__head">
      <a class="btn btn--quiet btn--round" href=${`/host#shop=${shop.id}`} aria-label=${t("desk.to_studio")} title=${t("desk.to_studio")}><${Icon} name="back" /></a>
      <h1>${t("desk.title")}</h1>
      ${shops.length > 1
        ? html`<select class="input desk__shops" aria-label=${t("home.shops")} onChange=${(/** @type {{currentTarget: HTMLSelectElement}} */ event) => { location.hash = `shop=${event.currentTarget.value}`; }}>
            ${shops.map((one) => html`<option value=${one.id} selected=${one.id === shop.id}>${one.name}</option>`)}</select>`
        : html`<span class="quiet cut">${shop.name}</span>`}
      <span class="desk__tools">
        ${shop.role === "owner" && html`<${Button} kind="small" onClick=${() => setSheet("rules")}><${Icon} name="settings" />${t("desk.rules")}<//>`}
        <${Button} kind="small" onClick=${() => setSheet("export")}>${t("desk.export")}<//>
      </span>
    </header>
    <div class="desk__filters">
      <div class="segments" role="group" aria-label=${t("desk.show")}>${WORK.map((one) => html`<button type="button" aria-pressed=${String(one === state)} onClick=${() => choose(one)}>${t(`desk.filter.${one || "all"}`)}${(counts[one] ?? "0") !== "0" && html` <span class="badge badge--accent badge--count">${counts[one]}</span>`}</button>`)}</div>
      <select class="input desk__state" aria-label=${t("desk.state")} onChange=${(/** @type {{currentTarget: HTMLSelectElement}} */ event) => choose(event.currentTarget.value)}>
        <option value=${WORK.includes(state) ? state : ""} selected=${WORK.includes(state)}>${t("desk.state")}</option>
        ${STATES.map((one) => html`<option value=${one} selected=${one === state}>${t(`order.state.${one}`)}</option>`)}</select>
      <input class="input desk__search" type="search" placeholder=${t("desk.search")} aria-label=${t("desk.search")} value=${typed}
        onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => setTyped(event.currentTarget.value)} />
    </div>
    <${Found} key=${`${state} ${words}`} shop=${shop} first=${first} query=${query} state=${state} words=${words} />
    ${sheet === "export" && html`<${ExportSheet} shop=${shop.id} onClose=${() => setSheet(null)} />`}
    ${sheet === "rules" && html`<${RulesSheet} shop=${shop.id} onClose=${() => setSheet(null)} />`}`;
}

/** How many orders have messages nobody of the shop has read, while somebody looks. @param {string} shop @returns {number} */
function useUnread(shop) {
  const { api } = useApp();
  const [orders, setOrders] = useState(0);
  useEffect(() => {
    // Who may not see it, or is offline, sees what was known last.
    const ask = () => api.get(`/shops/${shop}/unread-messages`).then((answer) => setOrders(answer.orders), () => {});
    const polling = new Polling(ask, UNREAD_EVERY_MS);
    const look = () => polling.want(document.visibilityState === "visible");
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      polling.want(false);
    };
  }, [shop]);
  return orders;
}

/** @param {{shop: ShopRole, first: {value: any, error: unknown, again: () => void}, query: URLSearchParams, state: string, words: string}} props */
function Found({ shop, first, query, state, words }) {
  const { t, api } = useApp();
  const [more, setMore] = useState(/** @type {{orders: Order[], next: string | null, unread: Record<string, number>} | null} */ (null));
  const { busy, run } = useBusy();
  if (first.error) return html`<${Failed} error=${first.error} onAgain=${first.again} />`;
  if (!first.value) return html`<div class="card"><${SkeletonLines} lines=${6} label=${t("loading")} /></div>`;
  /** @type {Order[]} */
  const orders = [...first.value.orders, ...(more?.orders ?? [])];
  /** @type {Record<string, number>} */
  const unread = { ...first.value.unread, ...more?.unread };
  const next = more ? more.next : first.value.next ?? null;
  if (!orders.length) {
    const nothing = words ? "desk.nothing_found" : state === "to_send" ? "desk.nothing_to_send" : state === "unread" ? "desk.nothing_unread" : "desk.nothing";
    return html`<div class="card"><${EmptyState} icon=${words ? "search" : "check"} title=${t(nothing)} /></div>`;
  }
  const load = () => run("more", async () => {
    const page = await api.get(`/shops/${shop.id}/orders?${query}&cursor=${encodeURIComponent(next ?? "")}`);
    setMore({ orders: [...(more?.orders ?? []), ...page.orders], next: page.next ?? null, unread: { ...more?.unread, ...page.unread } });
  });
  const print = () => run("print", async () => {
    const wanted = orders.slice(0, 100).map(({ id }) => id).join(",");
    saveFile(await api.file(`/shops/${shop.id}/packing-list?orders=${wanted}`), "packing-list.pdf");
  });
  return html`${state === "to_send" && html`<p class="desk__bar"><${Button} kind="small" busy=${busy === "print"} onClick=${print}><${Icon} name="list" />${t("desk.packing_lists", { count: Math.min(100, orders.length) })}<//></p>`}
    <ul class="rows">${orders.map((order) => html`<${OrderRow} key=${order.id} shop=${shop} order=${order} unread=${unread[order.id] ?? 0} />`)}</ul>
    ${next && html`<${Button} kind="wide" busy=${busy === "more"} onClick=${load}>${t("orders.more")}<//>`}`;
}

/** @param {{shop: ShopRole, order: Order, unread: number}} props */
function OrderRow({ shop, order, unread }) {
  const { t, i18n, money, clock } = useApp();
  return html`<li><a class="card desk-row" href=${`#shop=${shop.id}&order=${order.id}`}>
    <span class="desk-row__who"><b class="figures">${order.number}</b><span class="cut">${order.contact?.name}</span>${unread > 0 && html`<span class="badge badge--accent"><${Icon} name="chat" />${t("conversation.new", { count: unread })}</span>`}</span>
    <span class="desk-row__what small cut-2">${order.lines.map((line) => `${line.quantity} × ${line.title}`).join(", ")}</span>
    <span class="desk-row__when small quiet">${formatDay(order.created_at_ms, i18n.locale, clock.now_ms())}</span>
    <span class="desk-row__state"><${OrderBadge} state=${order.state} /></span>
    <b class="desk-row__sum figures">${money(order.total_minor, order.currency)}</b>
  </a></li>`;
}
