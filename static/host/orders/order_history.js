/** What happened to an order: its parcels and its refunds. */

import { html } from "../../vendor/preact.js";
import { formatDay } from "../../lib/clock.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";

/** @typedef {import("../../lib/types.js").AfterSale} AfterSale */
/** @typedef {import("../../lib/types.js").LineUnits} LineUnits */

/** @param {AfterSale} after @param {readonly LineUnits[]} lines @returns {string} */
export function unitsText({ order }, lines) {
  return lines.map(({ position, quantity }) => `${quantity} × ${order.lines[position]?.title ?? ""}`).join(", ");
}

/** @param {{after: AfterSale, busy: string, act: import("./order_desk.js").Act, onOpen: (open: import("./order_desk.js").Open) => void}} props */
export function Parcels({ after, busy, act, onOpen }) {
  const { t, i18n, clock } = useApp();
  if (!after.parcels.length) return null;
  const when = (/** @type {number} */ at_ms) => formatDay(at_ms, i18n.locale, clock.now_ms());
  return html`<section class="card stack" aria-label=${t("desk.parcels")}><h2>${t("desk.parcels")}</h2><ul class="stack">${after.parcels.map((one) => html`<li class="desk-event" key=${one.id}>
    <p class="row row--wrap"><span class=${`badge ${one.state === "packed" ? "" : "badge--won"}`}>${t(`desk.parcel.${one.state}`)}</span>
      <span class="small quiet">${when(one.delivered_at_ms ?? one.sent_at_ms ?? one.packed_at_ms)}</span></p>
    <p>${unitsText(after, one.lines)}</p>
    ${(one.carrier || one.tracking) && html`<p class="small">${one.carrier} ${one.tracking_url ? html`<a class="link" href=${one.tracking_url} target="_blank" rel="noopener noreferrer">${one.tracking || t("desk.follow")}</a>` : one.tracking}</p>`}
    <p class="row row--wrap">
      ${one.state === "packed" && html`<${Button} kind="accent small" onClick=${() => onOpen({ kind: "send", parcel: one })}>${t("desk.send_parcel")}<//>
        <${Button} kind="small" busy=${busy === one.id} onClick=${() => act(one.id, `/parcels/${one.id}`, undefined, "delete")}>${t("desk.unpack")}<//>`}
      ${one.state === "sent" && html`<${Button} kind="small" busy=${busy === one.id} onClick=${() => act(one.id, `/parcels/${one.id}/delivered`)}>${t("desk.delivered")}<//>`}
      ${one.state !== "packed" && html`<${Button} kind="quiet small" onClick=${() => onOpen({ kind: "send", parcel: one })}>${t("desk.tracking_edit")}<//>`}
    </p></li>`)}</ul></section>`;
}

/** @param {{after: AfterSale}} props */
export function Refunds({ after }) {
  const { t, i18n, clock, money } = useApp();
  if (!after.refunds.length) return null;
  return html`<section class="card stack" aria-label=${t("desk.refunds")}><h2>${t("desk.refunds")}</h2><ul class="stack">${after.refunds.map((one) => html`<li class="desk-event" key=${one.id}>
    <p class="row row--wrap row--spread"><b class="figures">${money(one.amount_minor, one.currency)}</b>
      <span class=${`badge ${one.state === "refused" ? "badge--trouble" : one.state === "done" ? "badge--won" : ""}`}>${t(`desk.refund.${one.state}`)}</span></p>
    <p class="small quiet">${[t(`desk.cause.${one.cause}`), formatDay(one.created_at_ms, i18n.locale, clock.now_ms()), unitsText(after, one.lines), one.restock && t("desk.restocked")].filter(Boolean).join(" · ")}</p>
    ${one.reason && html`<p class="small">${one.reason}</p>`}
    ${one.state === "refused" && html`<p class="notice notice--trouble">${t("desk.refund_refused", { code: one.refusal ?? "" })}</p>`}
    ${one.state === "pending" && html`<p class="notice">${t("desk.refund_pending")}</p>`}</li>`)}</ul></section>`;
}
