/**
 * The sandbox provider's own page: it plays a payment provider, and lets one choose how it goes. It speaks to the
 * provider's API only, as a real provider's page would.
 */

import { html, useState } from "../vendor/preact.js";
import { startPage, useApp, useLoad, useTitle } from "../views/app.js";
import { Button } from "../views/button.js";
import { Countdown } from "../views/countdown.js";
import { EmptyState, Failed } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { LanguageSwitch } from "../views/language_switch.js";
import { SkeletonLines } from "../views/skeleton.js";
import { useAttempt } from "../views/use_attempt.js";

const PAYMENT_ID = decodeURIComponent(location.pathname.split("/")[3] ?? "");
const API = `/api/sandbox/payments/${encodeURIComponent(PAYMENT_ID)}`;
const WEBHOOKS = ["normal", "late", "twice", "before_answer"];
const WAITING = new Set(["created", "pending"]);
const TAKEN = new Set(["authorised", "captured"]);
const URGENT_MS = 60_000;

/** @typedef {{id: string, state: string, amount_minor: number, currency: string, description: string, seller_name: string, return_url: string, expires_at_ms: number, keeps?: boolean}} Payment */

function PayPage() {
  const { t, api } = useApp();
  const payment = useLoad(() => /** @type {Promise<Payment>} */ (api.get(API, { anonymous: true })), []);
  useTitle(`TEST · ${t("pay.title")}`);
  return html`<div class="page pay">
    <header class="pay__banner"><b>${t("pay.banner")}</b><span class="small">${t("pay.banner_next")}</span></header>
    <main class="page__main page__main--narrow" id="content">
      <div class="pay__language"><${LanguageSwitch} /></div>
      ${payment.value ? html`<${Choose} payment=${payment.value} />`
        : !payment.error ? html`<${SkeletonLines} lines=${6} label=${t("loading")} />`
        : /** @type {{status?: number}} */ (payment.error).status === 404 ? html`<${EmptyState} icon="search" title=${t("pay.not_found")} action=${html`<a class="btn" href="/">${t("nav.lobby")}</a>`}>${t("pay.not_found_next")}<//>`
        : html`<${Failed} error=${payment.error} onAgain=${payment.again} />`}
    </main>
  </div>`;
}

/** @param {{payment: Payment}} props */
function Choose({ payment }) {
  const { t, api, money } = useApp();
  const attempt = useAttempt();
  const [webhook, setWebhook] = useState("normal");
  const [busy, setBusy] = useState("");
  const waiting = WAITING.has(payment.state);
  const act = async (/** @type {string} */ action) => {
    setBusy(action);
    const went = await attempt(async () => {
      const { return_url } = await api.post(`${API}/act`, { action, webhook }, { anonymous: true });
      location.assign(return_url);
    });
    if (!went) setBusy("");
  };
  const button = (/** @type {string} */ action, /** @type {string} */ kind) => html`<${Button} kind=${`${kind} wide tall`} busy=${busy === action} disabled=${busy !== "" && busy !== action} onClick=${() => act(action)}>${t(`pay.${action}`)}<//>`;
  return html`<section class="card stack pay__card">
    <div><h1>${t("pay.title")}</h1><p class="quiet">${payment.description}</p></div>
    <dl class="pairs"><dt>${t("pay.to")}</dt><dd>${payment.seller_name}</dd>
      ${waiting && html`<dt>${t("pay.left")}</dt><dd><${Countdown} until_ms=${payment.expires_at_ms} urgent_ms=${URGENT_MS} /></dd>`}
      <dt class="pairs__total">${t("pay.amount")}</dt><dd class="pairs__total">${money(payment.amount_minor, payment.currency)}</dd></dl>
    ${waiting && payment.keeps && html`<p class="notice"><${Icon} name="check" /><span>${t("pay.keeps", { shop: payment.seller_name })}</span></p>`}
    ${waiting ? html`
      <fieldset><legend class="small"><b>${t("pay.webhook")}</b></legend><div class="choices pay__webhooks">${WEBHOOKS.map((mode) => html`<label class="choice" key=${mode}>
        <input type="radio" name="webhook" value=${mode} checked=${mode === webhook} onChange=${() => setWebhook(mode)} /><span class="choice__face small">${t(`pay.webhook.${mode}`)}</span></label>`)}</div></fieldset>
      <div class="stack stack--tight">${button("approve", "accent")}${button("decline", "danger")}${button("time_out", "")}</div>`
      : html`<p class="notice"><${Icon} name=${TAKEN.has(payment.state) ? "check" : "close"} /><span>${t("pay.already", { state: t(`pay.state.${payment.state}`) })}</span></p>
        <a class="btn btn--accent btn--wide" href=${payment.return_url}>${t("pay.back")}</a>`}
  </section>`;
}

startPage(PayPage);
