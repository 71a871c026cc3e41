/** After the show: what it came to, on a card to be proud of, and its orders below. */

import { html, useState } from "../vendor/preact.js";
import { formatLeft } from "../lib/clock.js";
import { useAccent, useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { Picture } from "../views/picture.js";
import { SkeletonLines } from "../views/skeleton.js";
import { LinksSheet } from "./links_sheet.js";
import { takings } from "./takings.js";

/** @typedef {import("../lib/types.js").Order} Order */
/** @typedef {import("../lib/types.js").Show} Show */
/** @typedef {import("../lib/types.js").Sale} Sale */
/** @typedef {import("./takings.js").Takings} Takings */

const WIDTH = 600;
const HEIGHT = 140;
const SHOWN_SELLERS = 3;

/** @param {{show: Show}} props */
export function Summary({ show }) {
  const { t, api, errorText } = useApp();
  const loaded = useLoad(() => api.get(`/shows/${show.id}/summary`), [show.id]);
  const orders = useLoad(() => api.get(`/shops/${show.shop.id}/orders`), [show.shop.id]);
  const [links, setLinks] = useState(false);
  useAccent(show.shop.accent);
  if (loaded.error) return html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>`;
  if (!loaded.value) return html`<div class="card"><${SkeletonLines} label=${t("loading")} /></div>`;
  /** @type {Order[]} */
  const own = (orders.value?.orders ?? []).filter((/** @type {Order} */ order) => order.show === show.id);
  const from_ms = show.started_at_ms ?? show.starts_at_ms;
  const until_ms = show.ended_at_ms ?? from_ms;
  const money = takings(own, from_ms, until_ms);
  return html`<div class="stack stack--wide">
    <${Card} show=${show} summary=${loaded.value} money=${money} from_ms=${from_ms} until_ms=${until_ms} />
    ${orders.value && (own.length ? html`<${OrderTable} orders=${own} />` : html`<div class="card"><${EmptyState} icon="bag" title=${t("summary.no_orders")}>${t("summary.no_orders_hint")}<//></div>`)}
    <p class="ask__ways"><a class="btn" href=${`#shop=${show.shop.id}`}>${t("studio.back")}</a><a class="btn" href=${`/shows/${show.id}`}>${t("summary.page")}</a><${Button} onClick=${() => setLinks(true)}>${t("links.links")}<//></p>
    ${links && html`<${LinksSheet} show=${show} mayName=${true} onClose=${() => setLinks(false)} />`}
  </div>`;
}

/** @param {{show: Show, summary: any, money: Takings, from_ms: number, until_ms: number}} props */
function Card({ show, summary, money, from_ms, until_ms }) {
  const { t, money: price, i18n } = useApp();
  const day = new Intl.DateTimeFormat(i18n.locale, { dateStyle: "long" });
  const at = new Intl.DateTimeFormat(i18n.locale, { timeStyle: "short" });
  const figures = [
    ["summary.orders", summary.orders], ["summary.units", summary.units], ["summary.peak", summary.viewers_peak],
    ["summary.lasted", formatLeft(Math.max(0, until_ms - from_ms))],
  ].filter(([key, value]) => key !== "summary.peak" || value);
  const best_ms = from_ms + ((money.best_step + 0.5) / money.curve_minor.length) * (until_ms - from_ms);
  return html`<article class="result">
    <header class="result__head">
      ${show.poster && html`<img class="result__poster" src=${show.poster.url_320} alt="" />`}
      <div class="grow"><p class="result__shop">${show.shop.name} · ${day.format(from_ms)}</p><h1 class="result__title">${show.title}</h1></div>
    </header>
    <p class="result__money"><span class="result__label">${t("summary.money")}</span><b>${price(summary.revenue_minor, summary.currency)}</b></p>
    <dl class="result__figures">${figures.map(([key, value]) => html`<div key=${key}><dt>${t(String(key))}</dt><dd>${value}</dd></div>`)}</dl>
    ${money.best_step >= 0 && html`<${Curve} money=${money} sales=${summary.sales ?? []} from_ms=${from_ms} until_ms=${until_ms} />
      <p class="result__best"><${Icon} name="bolt" />${t("summary.best_moment", { at: at.format(best_ms), money: price(money.best_minor, summary.currency) })}</p>`}
    ${money.sellers.length > 0 && html`<ol class="result__sellers" aria-label=${t("summary.sellers")}>${money.sellers.slice(0, SHOWN_SELLERS).map((one) => html`<li key=${one.title}>
      <span class="result__thumb"><${Picture} picture=${one.picture} sizes="40px" /></span><b class="grow cut-2">${one.title}</b><span class="quiet">× ${one.quantity}</span><b>${price(one.revenue_minor, summary.currency)}</b></li>`)}</ol>`}
  </article>`;
}

/** Money so far, with the flash sales as bands behind it. @param {{money: Takings, sales: Sale[], from_ms: number, until_ms: number}} props */
function Curve({ money, sales, from_ms, until_ms }) {
  const { t, i18n } = useApp();
  const most = Math.max(1, money.curve_minor[money.curve_minor.length - 1]);
  const span_ms = Math.max(1, until_ms - from_ms);
  /** @param {number} ms */
  const across = (ms) => Math.min(WIDTH, Math.max(0, ((ms - from_ms) / span_ms) * WIDTH));
  const points = [0, ...money.curve_minor].map((sum, at) => `${((at / money.curve_minor.length) * WIDTH).toFixed(1)},${(HEIGHT - (sum / most) * (HEIGHT - 12)).toFixed(1)}`);
  const at = new Intl.DateTimeFormat(i18n.locale, { timeStyle: "short" });
  return html`<figure class="curve">
    <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${t("summary.curve")}>
      ${sales.map((sale) => { const x = across(sale.starts_at_ms); return html`<rect class="curve__sale" x=${x} y="0" width=${Math.max(4, across(sale.ended_at_ms ?? sale.ends_at_ms) - x)} height=${HEIGHT} />`; })}
      <polygon class="curve__area" points=${`0,${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`} />
      <polyline class="curve__line" points=${points.join(" ")} />
    </svg>
    <figcaption><time>${at.format(from_ms)}</time>${sales.length > 0 && html`<span class="curve__key">${t("summary.sales", { count: sales.length })}</span>`}<time>${at.format(until_ms)}</time></figcaption>
  </figure>`;
}

/** @param {{orders: Order[]}} props */
function OrderTable({ orders }) {
  const { t, money, i18n } = useApp();
  const when = new Intl.DateTimeFormat(i18n.locale, { timeStyle: "short" });
  return html`<section class="stack" aria-label=${t("summary.all_orders")}><h2>${t("summary.all_orders")}</h2>
    <ul class="rows">${orders.map((order) => html`<li key=${order.id} class="line card">
      <span class="line__main"><b class="cut-2">${order.lines.map((line) => `${line.quantity} × ${line.title}`).join(", ")}</b>
        <small>${t("orders.number")} ${order.number} · ${when.format(order.created_at_ms)}${order.contact?.name ? ` · ${order.contact.name}` : ""}</small></span>
      <span class="line__end"><b class="figure">${money(order.total_minor, order.currency)}</b><span class=${`badge ${order.state === "paid" ? "badge--won" : ""}`}>${t(`order.state.${order.state}`)}</span></span></li>`)}</ul></section>`;
}
