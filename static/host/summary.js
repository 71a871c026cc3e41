/** After the show: what it came to. */

import { html } from "../vendor/preact.js";
import { formatLeft } from "../lib/clock.js";
import { useApp, useLoad } from "../views/app.js";
import { SkeletonLines } from "../views/skeleton.js";

/** @param {{show: import("../lib/types.js").Show}} props */
export function Summary({ show }) {
  const { t, api, money, errorText, i18n } = useApp();
  const loaded = useLoad(() => api.get(`/shows/${show.id}/summary`), [show.id]);
  const orders = useLoad(() => api.get(`/shops/${show.shop.id}/orders`), [show.shop.id]);
  if (loaded.error) return html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>`;
  if (!loaded.value) return html`<${SkeletonLines} label=${t("loading")} />`;
  const lasted_ms = show.started_at_ms && show.ended_at_ms ? show.ended_at_ms - show.started_at_ms : 0;
  const figures = [
    ["summary.orders", loaded.value.orders ?? 0],
    ["summary.money", money(loaded.value.revenue_minor ?? 0, show.currency)],
    ["summary.units", loaded.value.units ?? 0],
    ["summary.lasted", formatLeft(lasted_ms)],
  ];
  /** @type {import("../lib/types.js").Order[]} */
  const own = (orders.value?.orders ?? []).filter((/** @type {import("../lib/types.js").Order} */ order) => order.show === show.id);
  const when = new Intl.DateTimeFormat(i18n.locale, { timeStyle: "short" });
  return html`<div class="stack">
    <p class="summary__word">${t("summary.title")}</p>
    <dl class="summary">${figures.map(([key, value]) => html`<div class="card"><dt>${t(String(key))}</dt><dd>${value}</dd></div>`)}</dl>
    ${own.length > 0 && html`<div class="table-scroll"><table class="table"><thead><tr><th>${t("orders.number")}</th><th>${t("orders.time")}</th><th>${t("orders.what")}</th><th class="num">${t("orders.total")}</th><th>${t("orders.state")}</th></tr></thead>
      <tbody>${own.map((order) => html`<tr key=${order.id}><td>${order.number}</td><td>${when.format(order.created_at_ms)}</td>
        <td>${order.lines.map((line) => `${line.quantity} × ${line.title}`).join(", ")}</td><td class="num">${money(order.total_minor, order.currency)}</td><td>${t(`order.state.${order.state}`)}</td></tr>`)}</tbody></table></div>`}
    <p><a class="btn" href="#">${t("studio.back")}</a></p>
  </div>`;
}
