/** The page of one show: finds the show, makes somebody of the visitor, enters the room. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { startPage, useApp, useLoad, useTitle } from "../views/app.js";
import { EmptyState, Failed } from "../views/empty_state.js";
import { TopBar } from "../views/top_bar.js";
import { arrivedProduct, arrivedVia } from "../lib/visitor/via.js";
import { returnedFromPayment } from "./buying/payment_tab.js";
import { ShowPage } from "./show_page.js";

const SHOW_ID = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const VIA = arrivedVia(SHOW_ID);
const PRODUCT = arrivedProduct();

/** A made-up name for somebody who has not said theirs. @param {import("../lib/words/i18n.js").Translate} t */
function standInName(t) {
  return t("name.guest", { number: String(1000 + Math.floor(Math.random() * 9000)) });
}

function Viewer() {
  const { api, session, t } = useApp();
  const show = useLoad(async () => {
    await session.resumeOrGuest(standInName(t));
    if (VIA) api.post(`/shares/${VIA}/visit`).catch(() => {}); // the show matters, not the count
    return /** @type {Promise<import("../lib/types.js").Show>} */ (api.get(`/shows/${encodeURIComponent(SHOW_ID)}`));
  }, []);
  const [order] = useState(returnedFromPayment);
  useTitle(show.value?.title ?? "");
  if (show.value) return html`<${ShowPage} show=${show.value} opened_order=${order} opened_product=${PRODUCT} />`;
  if (!show.error) return html`<${Opening} />`;
  const { status } = /** @type {{status?: number}} */ (show.error);
  return html`<div class="page"><${TopBar} /><main class="page__main">
    ${status === 404 || status === 422
      ? html`<${EmptyState} icon="search" title=${t("show.not_found")} action=${html`<a class="btn btn--accent" href="/">${t("show.to_lobby")}</a>`}>${t("show.not_found_next")}<//>`
      : html`<${Failed} error=${show.error} onAgain=${show.again} />`}
  </main></div>`;
}

/** The dark stage, until the show is known. */
function Opening() {
  const { t } = useApp();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 400);
    return () => clearTimeout(timer);
  }, []);
  return html`<div class="opening over-video" role="status"><span class="unseen">${t("loading")}</span>${slow && html`<span class="opening__ring"></span>`}</div>`;
}

startPage(Viewer);
