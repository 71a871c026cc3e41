/** What follows a purchase, on its page: parcels, money back, requests, documents, and what can still be asked for. */

import { html, useState } from "../vendor/preact.js";
import { formatDay } from "../lib/clock.js";
import { saveFile } from "../lib/files/download.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Icon } from "../views/icon.js";
import { useAttempt } from "../views/use_attempt.js";
import { AskSheet } from "./ask_sheet.js";
import { WithdrawSheet } from "./withdraw_sheet.js";

/** @typedef {import("../lib/types.js").AfterSale} AfterSale */
/** @typedef {import("../lib/types.js").LineUnits} LineUnits */

/** @param {AfterSale} after @param {readonly LineUnits[]} lines @returns {string} */
export function unitsText({ order }, lines) {
  return lines.map(({ position, quantity }) => `${quantity} × ${order.lines[position]?.title ?? ""}`).join(", ");
}

/** @param {{after: AfterSale, query: string, onAfter: (after: AfterSale) => void}} props */
export function AfterSaleView({ after, query, onAfter }) {
  const { t, toasts } = useApp();
  const [open, setOpen] = useState(/** @type {"cancellation" | "returns" | "withdrawal" | null} */ (null));
  const done = (/** @type {AfterSale} */ now, /** @type {string} */ said) => {
    onAfter(now);
    setOpen(null);
    toasts.show(said);
  };
  const path = (/** @type {string} */ what) => `/orders/${after.order.id}/${what}${query}`;
  const close = () => setOpen(null);
  return html`<${Parcels} after=${after} /><${Refunds} after=${after} /><${Requests} after=${after} />
    <${Papers} after=${after} query=${query} />
    <${Choices} after=${after} onOpen=${setOpen} />
    ${(open === "cancellation" || open === "returns") && html`<${AskSheet} what=${open} path=${path(open)} after=${after} onClose=${close} onDone=${(/** @type {AfterSale} */ now) => done(now, t(open === "returns" ? "after.return_done" : "after.cancel_done"))} />`}
    ${open === "withdrawal" && html`<${WithdrawSheet} path=${path(open)} after=${after} onClose=${close} onDone=${(/** @type {AfterSale} */ now, /** @type {string} */ email) => done(now, t("after.withdraw_done", { email }))} />`}`;
}

/** @param {{after: AfterSale}} props */
function Parcels({ after }) {
  const { t, i18n, clock } = useApp();
  const sent = after.parcels.filter(({ sent_at_ms }) => sent_at_ms);
  if (!sent.length) return null;
  return html`<section class="card stack"><h2>${t("after.parcels")}</h2><ul class="stack">${sent.map((one) => html`<li class="after-event" key=${one.id}>
    <p class="row row--wrap"><span class="badge badge--won">${t(`after.parcel.${one.state}`)}</span><span class="small quiet">${formatDay(one.delivered_at_ms ?? one.sent_at_ms ?? 0, i18n.locale, clock.now_ms())}</span></p>
    <p>${unitsText(after, one.lines)}</p>
    ${(one.carrier || one.tracking) && html`<p class="small quiet">${[one.carrier, one.tracking && t("after.number", { tracking: one.tracking })].filter(Boolean).join(" · ")}</p>`}
    ${one.tracking_url && html`<a class="btn btn--small after-event__link" href=${one.tracking_url} target="_blank" rel="noopener noreferrer">${t("after.follow")}<${Icon} name="arrow" /></a>`}</li>`)}</ul></section>`;
}

/** @param {{after: AfterSale}} props */
function Refunds({ after }) {
  const { t, i18n, clock, money } = useApp();
  if (!after.refunds.length) return null;
  return html`<section class="card stack"><h2>${t("after.refunds")}</h2><ul class="stack">${after.refunds.map((one) => html`<li class="after-event" key=${one.id}>
    <p class="row row--wrap row--spread"><b class="figures">${money(one.amount_minor, one.currency)}</b><span class=${`badge ${one.state === "done" ? "badge--won" : ""}`}>${t(`after.refund.${one.state}`)}</span></p>
    <p class="small quiet">${[formatDay(one.created_at_ms, i18n.locale, clock.now_ms()), unitsText(after, one.lines), one.reason].filter(Boolean).join(" · ")}</p></li>`)}</ul></section>`;
}

/** @param {{after: AfterSale}} props */
function Requests({ after }) {
  const { t, i18n, clock } = useApp();
  if (!after.returns.length) return null;
  return html`<section class="card stack"><h2>${t("after.requests")}</h2><ul class="stack">${after.returns.map((one) => html`<li class="after-event" key=${one.id}>
    <p class="row row--wrap"><b>${t(`after.kind.${one.kind}`)}</b><span class="badge">${t(`after.return.${one.state}`)}</span><span class="small quiet">${formatDay(one.created_at_ms, i18n.locale, clock.now_ms())}</span></p>
    <p class="small">${unitsText(after, one.lines)}</p>
    ${one.answer && html`<p class="small">${t("after.answer", { answer: one.answer })}</p>`}</li>`)}</ul></section>`;
}

/** @param {{after: AfterSale, query: string}} props */
function Papers({ after, query }) {
  const { t, api } = useApp();
  const attempt = useAttempt();
  if (!after.documents.length) return null;
  const load = (/** @type {import("../lib/types.js").OrderDocument} */ one) => attempt(async () => {
    saveFile(await api.file(`/orders/${after.order.id}/documents/${one.subject}${query}`), `${one.number || one.kind}.pdf`);
  });
  return html`<section class="card stack stack--tight"><h2>${t("after.documents")}</h2><p class="row row--wrap">${after.documents.map((one) => html`<${Button} kind="small" onClick=${() => load(one)}>${t(`after.${one.kind}`)}<//>`)}</p></section>`;
}

/** @param {{after: AfterSale, onOpen: (what: "cancellation" | "returns" | "withdrawal") => void}} props */
function Choices({ after, onOpen }) {
  const { t, i18n, clock } = useApp();
  const { may, withdraw_until_ms } = after;
  if (!may.length) return null;
  const until = withdraw_until_ms ? t("after.withdraw_until", { when: formatDay(withdraw_until_ms, i18n.locale, clock.now_ms()) }) : t("after.withdraw_always");
  return html`<section class="card stack stack--tight"><h2>${t("after.change")}</h2>
    ${may.includes("withdraw") && html`<p class="small quiet">${until}</p>`}
    <p class="row row--wrap">
      ${may.includes("withdraw") && html`<${Button} kind="accent" onClick=${() => onOpen("withdrawal")}>${t("after.withdraw")}<//>`}
      ${may.includes("return") && html`<${Button} onClick=${() => onOpen("returns")}>${t("after.return")}<//>`}
      ${may.includes("ask_cancel") && html`<${Button} kind="quiet" onClick=${() => onOpen("cancellation")}>${t("after.cancel")}<//>`}</p></section>`;
}
