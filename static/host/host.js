/** The host's pages: sign in, shop, shows and products (`#`), the studio of one show (`#show=…`), webhooks (`#page=webhooks`). */

import { html, useEffect, useState } from "../vendor/preact.js";
import { startPage, useApp, usePerson, useTitle } from "../views/app.js";
import { SkeletonLines } from "../views/skeleton.js";
import { TopBar } from "../views/top_bar.js";
import { Gate } from "./gate.js";
import { Home } from "./home.js";
import * as stock from "./stock_words.js";
import { Studio } from "./studio.js";
import { WebhooksPage } from "./webhooks/webhooks_page.js";
import * as webhooks from "./webhooks/words.js";
import * as feed from "./feed_words.js";
import { en, zh } from "./words.js";

/** @returns {Record<string, string>} what the address's hash says */
function hashParts() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

function Host() {
  const { t, session, toasts, errorText } = useApp();
  const person = usePerson();
  const [asked, setAsked] = useState(false);
  const [parts, setParts] = useState(hashParts());
  useTitle(t("host.title"));
  useEffect(() => {
    session.resume().catch((error) => toasts.trouble(errorText(error))).finally(() => setAsked(true));
    const follow = () => setParts(hashParts());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  if (!asked) return html`<${TopBar} title=${t("host.title")} /><main class="page"><${SkeletonLines} label=${t("loading")} /></main>`;
  const shops = (person?.shops ?? []).filter(({ role }) => role === "owner" || role === "host");
  if (!person || person.kind !== "account" || !shops.length) {
    return html`<${TopBar} title=${t("host.title")} /><main class="page page--narrow page--gate"><${Gate} person=${person} /></main>`;
  }
  if (parts.show) return html`<${Studio} key=${parts.show} show_id=${parts.show} />`;
  const shop = shops.find(({ id }) => id === parts.shop) ?? shops[0];
  if (parts.page === "webhooks" && shop.role === "owner") {
    return html`<${TopBar} title=${t("host.title")} /><main class="page page--wide"><${WebhooksPage} key=${shop.id} shop=${shop.id} webhook=${parts.webhook ?? null} /></main>`;
  }
  return html`<${TopBar} title=${t("host.title")} /><main class="page page--wide"><${Home} key=${shop.id} shop=${shop} shops=${shops} /></main>`;
}

startPage(Host, { en: [en, feed.en, stock.en, webhooks.en], zh: [zh, feed.zh, stock.zh, webhooks.zh] });
