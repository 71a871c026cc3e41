/** Says in plain words that stock was lost and the sale is paused, and afterwards what the repair did. */

import { Polling } from "../lib/server/polling.js";
import { html, useEffect, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Icon } from "../views/icon.js";

/** @typedef {{order: string, number: string, quantity: number}} Oversold */
/** @typedef {{id: string, found_at_ms: number, repaired_at_ms: number | null, seen_at_ms: number | null, report: {oversold: Oversold[], dropped: unknown[]} | null}} Rebuild */

const EVERY_MS = 10_000;

/**
 * What there is to say: nothing of what a host has read.
 * @param {Rebuild[]} rebuilds
 * @returns {Rebuild[]}
 */
export function unread(rebuilds) {
  return rebuilds.filter((one) => one.repaired_at_ms === null || one.seen_at_ms === null);
}

/**
 * The orders that go without, each once, with all its missing units.
 * @param {Oversold[]} oversold
 * @returns {{number: string, count: number}[]}
 */
export function byOrder(oversold) {
  /** @type {Map<string, number>} */
  const units = new Map();
  for (const { number, quantity } of oversold) units.set(number, (units.get(number) ?? 0) + quantity);
  return [...units].map(([number, count]) => ({ number, count }));
}

/** @param {{shop: string}} props */
export function StockNotice({ shop }) {
  const { api } = useApp();
  const [rebuilds, setRebuilds] = useState(/** @type {Rebuild[]} */ ([]));
  useEffect(() => {
    const ask = () => api.get(`/shops/${shop}/stock-rebuilds`).then((answer) => setRebuilds(answer.rebuilds), () => undefined);
    const polling = new Polling(ask, EVERY_MS);
    polling.want(true);
    return () => polling.want(false);
  }, [shop]);
  /** @param {Rebuild} read */
  const close = (read) => {
    setRebuilds((now) => now.filter((one) => one !== read));
    void api.post(`/shops/${shop}/stock-rebuilds/${read.id}/seen`).catch(() => undefined);
  };
  return html`${unread(rebuilds).map((one) => html`<${One} key=${one.id} rebuild=${one} onRead=${() => close(one)} />`)}`;
}

/** @param {{rebuild: Rebuild, onRead: () => void}} props */
function One({ rebuild, onRead }) {
  const { t, i18n } = useApp();
  if (rebuild.repaired_at_ms === null) {
    return html`<p class="notice notice--trouble stock-notice" role="alert"><${Icon} name="alert" /><span class="grow">${t("lost.paused")}</span></p>`;
  }
  const at = new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium", timeStyle: "short" }).format(rebuild.found_at_ms);
  const orders = byOrder(rebuild.report?.oversold ?? []);
  const dropped = rebuild.report?.dropped.length ?? 0;
  const missing = orders.reduce((sum, { count }) => sum + count, 0);
  return html`<div class=${`notice stock-notice ${missing ? "notice--trouble" : "notice--accent"}`} role="status">
    <${Icon} name=${missing ? "alert" : "check"} />
    <div class="grow stack">
      <p>${t("lost.repaired", { at })}</p>
      ${missing > 0 && html`<p>${t("lost.oversold", { count: missing })}</p>
        <ul>${orders.map((order) => html`<li>${t("lost.order", order)}</li>`)}</ul>`}
      ${dropped > 0 && html`<p>${t("lost.dropped", { count: dropped })}</p>`}
      <span><${Button} kind="small" onClick=${onRead}>${t("lost.seen")}<//></span>
    </div>
  </div>`;
}
