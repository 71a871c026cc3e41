/** One order: for its owner, or with the link from the mail (its token stands behind `#` or in `?token=`). */

import { html, useEffect, useState } from "../vendor/preact.js";
import { en as talkEn, zh as talkZh } from "../i18n/conversation.js";
import { startPage, useApp, useLoad, useTitle } from "../views/app.js";
import { EmptyState, Failed } from "../views/empty_state.js";
import { SkeletonLines } from "../views/skeleton.js";
import { TopBar } from "../views/top_bar.js";
import { OrderView } from "./order_view.js";
import { en, zh } from "./words.js";

const ORDER_ID = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const ASK_EVERY_MS = 3_000;
const AFTER = new Set(["paid", "fulfilled", "partly_refunded", "refunded"]);
const MOVING = new Set(["pending", "authorised"]);

/** The link's right, taken out of the address bar's query so that it is not shared by accident. */
function linkToken() {
  const address = new URL(location.href);
  return address.searchParams.get("token") ?? new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
}

/** @typedef {import("../lib/types.js").Order} Order */

/** The shop's host sees the order here as its buyer does, and works on it elsewhere. @param {any} error */
function forHost(error) {
  if (error.status === 403) return null;
  throw error;
}

function OrderPage() {
  const { t, api, session } = useApp();
  const [token] = useState(linkToken);
  const path = `/orders/${encodeURIComponent(ORDER_ID)}`;
  const query = token ? `?token=${encodeURIComponent(token)}` : "";
  const found = useLoad(async () => {
    await session.resume();
    const answer = await api.get(path + query);
    return /** @type {Order} */ (answer.order ?? answer);
  }, []);
  const order = found.value;
  const paid = !!order && AFTER.has(order.state);
  const after = useLoad(async () => (paid ? api.get(`${path}/after${query}`).catch(forHost) : null), [order?.state]);
  useTitle(order ? t("order.title", { number: order.number }) : "");
  const moving = !!order && MOVING.has(order.state);
  useEffect(() => {
    if (!moving) return undefined;
    const timer = setInterval(() => document.visibilityState === "visible" && found.again(), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [moving]);
  return html`<div class="page"><${TopBar} /><main class="page__main page__main--middle" id="content">${view()}</main></div>`;

  function view() {
    if (order) return html`<${OrderView} order=${order} query=${query} onOrder=${found.set} after=${after.value} onAfter=${after.set} />`;
    if (!found.error) return html`<${SkeletonLines} lines=${8} label=${t("loading")} />`;
    const { status = 0 } = /** @type {{status?: number}} */ (found.error);
    if ([401, 403, 404, 422].includes(status)) {
      return html`<${EmptyState} icon="search" title=${t("order.not_found")}
        action=${html`<a class="btn btn--accent" href=${`/account#next=${encodeURIComponent(location.pathname)}`}>${t("nav.sign_in")}</a>`}>${t("order.not_found_next")}<//>`;
    }
    return html`<${Failed} error=${found.error} onAgain=${found.again} />`;
  }
}

startPage(OrderPage, { en: [talkEn, en], zh: [talkZh, zh] });
