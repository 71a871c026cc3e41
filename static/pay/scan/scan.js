/**
 * Shows the code of a payment that is made with an app on the phone, and goes back when it is paid. The code comes
 * from the server's books; nothing in the address is drawn.
 */

import { html, useEffect } from "../../vendor/preact.js";
import { startPage, useApp, useLoad, useTitle } from "../../views/app.js";
import { Countdown } from "../../views/countdown.js";
import { EmptyState, Failed } from "../../views/empty_state.js";
import { LanguageSwitch } from "../../views/language_switch.js";
import { SkeletonLines } from "../../views/skeleton.js";

const API = `/payments/${encodeURIComponent(decodeURIComponent(location.pathname.split("/")[3] ?? ""))}`;
const LOOK_EVERY_MS = 2_000;
const URGENT_MS = 60_000;

/** @typedef {{payment: string, method: string, open: boolean, state: string, number: string, seller_name: string, amount_minor: number, currency: string, deadline_ms: number | null, return_url: string}} Scan */

function ScanPage() {
  const { t, api } = useApp();
  const page = useLoad(() => /** @type {Promise<Scan>} */ (api.get(`${API}/scan`, { anonymous: true })), []);
  const is_open = page.value?.open ?? false;
  useTitle(page.value ? t(`buy.method_${page.value.method}`) : "liveshop");
  useEffect(() => {
    if (!is_open) return undefined;
    const timer = setInterval(page.again, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [is_open]);
  useEffect(() => { // paid, or over: the show says how it went
    if (page.value && !page.value.open) location.replace(page.value.return_url);
  }, [page.value?.open]);
  return html`<div class="page"><main class="page__main page__main--narrow" id="content">
    <div class="scan__top"><${LanguageSwitch} /></div>
    ${page.value ? html`<${Code} scan=${page.value} />`
      : !page.error ? html`<${SkeletonLines} lines=${6} label=${t("loading")} />`
      : /** @type {{status?: number}} */ (page.error).status === 404 ? html`<${EmptyState} icon="search" title=${t("scan.not_found")} action=${html`<a class="btn" href="/">${t("nav.lobby")}</a>`}>${t("pay.not_found_next")}<//>`
      : html`<${Failed} error=${page.error} onAgain=${page.again} />`}
  </main></div>`;
}

/** @param {{scan: Scan}} props */
function Code({ scan }) {
  const { t, money } = useApp();
  const name = t(`buy.method_${scan.method}`);
  return html`<section class="card stack scan">
    <h1>${name}</h1>
    <p class="big figures">${money(scan.amount_minor, scan.currency)}</p>
    <p class="quiet">${scan.seller_name} · ${scan.number}</p>
    ${scan.open && html`<img class="scan__code" src=${`/api/v1${API}/code.svg`} alt=${t("scan.code", { name })} />
      <p><b>${t("scan.how", { name })}</b></p>
      ${scan.deadline_ms && html`<p class="row scan__left"><span>${t("pay.left")}</span><${Countdown} until_ms=${scan.deadline_ms} urgent_ms=${URGENT_MS} /></p>`}`}
    <a class="btn btn--wide" href=${scan.return_url}>${t("pay.back")}</a>
  </section>`;
}

startPage(ScanPage);
