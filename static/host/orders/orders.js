/** The host's orders: the list (`#shop=…`) and one order with all that can be done about it (`&order=…`). */

import { html, useEffect, useState } from "../../vendor/preact.js";
import { en as talkEn, zh as talkZh } from "../../i18n/conversation.js";
import { startPage, useAccent, useApp, useLoad, usePerson, useTitle } from "../../views/app.js";
import { SkeletonLines } from "../../views/skeleton.js";
import { TopBar } from "../../views/top_bar.js";
import { Gate } from "../gate.js";
import { en as studioEn, zh as studioZh } from "../words.js";
import { OrderDesk } from "./order_desk.js";
import { OrderList } from "./order_list.js";
import { en, zh } from "./words.js";

/** @returns {Record<string, string>} what the address's hash says */
function hashParts() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

function Page() {
  const { t, api, session, toasts, errorText } = useApp();
  const person = usePerson();
  const [asked, setAsked] = useState(false);
  const [parts, setParts] = useState(hashParts());
  useTitle(t("desk.title"));
  useEffect(() => {
    session.resume().catch((error) => toasts.trouble(errorText(error))).finally(() => setAsked(true));
    const follow = () => setParts(hashParts());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const shops = (person?.shops ?? []).filter(({ role }) => role === "owner" || role === "host");
  const shop = shops.find(({ id }) => id === parts.shop) ?? shops[0];
  useAccent(useLoad(async () => (shop ? api.get(`/shops/${shop.id}`) : null), [shop?.id]).value?.accent);
  if (!asked) return html`<${TopBar} title=${t("desk.title")} /><main class="page"><${SkeletonLines} label=${t("loading")} /></main>`;
  if (!person || person.kind !== "account" || !shops.length) {
    return html`<${TopBar} title=${t("desk.title")} /><main class="page page--narrow page--gate"><${Gate} person=${person} /></main>`;
  }
  return html`<${TopBar} title=${t("desk.title")} /><main class="page page--wide" id="content">
    ${parts.order
      ? html`<${OrderDesk} key=${parts.order} shop=${shop} order_id=${parts.order} />`
      : html`<${OrderList} key=${shop.id} shop=${shop} shops=${shops} state=${parts.state ?? "to_send"} />`}</main>`;
}

startPage(Page, { en: [studioEn, talkEn, en], zh: [studioZh, talkZh, zh] });
