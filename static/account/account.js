/** The account page. What is shown hangs on the address's hash and on who is here. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { en as talkEn, zh as talkZh } from "../i18n/conversation.js";
import { startPage, useApp, useLoad, usePerson, useTitle } from "../views/app.js";
import { SkeletonLines } from "../views/skeleton.js";
import { TopBar } from "../views/top_bar.js";
import { ConfirmFollow, Follows, Unsubscribe } from "./follows.js";
import { AskReset, Confirm, SetPassword } from "./by_mail.js";
import { Orders } from "./orders_list.js";
import { Profile } from "./profile.js";
import { Register, SignIn } from "./sign_in.js";

/** @returns {Record<string, string>} the hash's parts; `#orders` is {orders: ""} */
function hashParts() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

/** @returns {Record<string, string>} */
function useHash() {
  const [parts, setParts] = useState(hashParts);
  useEffect(() => {
    const follow = () => setParts(hashParts());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return parts;
}

function AccountPage() {
  const { t, session } = useApp();
  const parts = useHash();
  const asked = useLoad(async () => {
    await session.resume();
    return true;
  }, []);
  const person = usePerson();
  useTitle("orders" in parts ? t("orders.title") : t("account.title"));
  return html`<div class="page"><${TopBar} />
    <main class=${`page__main page__main--narrow ${asked.value && !person ? "page--gate" : ""}`} id="content">${asked.value || asked.error ? view() : html`<${SkeletonLines} lines=${6} label=${t("loading")} />`}</main></div>`;

  function view() {
    if (parts.confirm) return html`<${Confirm} token=${parts.confirm} />`;
    if (parts.follow) return html`<${ConfirmFollow} token=${parts.follow} />`;
    if (parts.unsubscribe) return html`<${Unsubscribe} token=${parts.unsubscribe} />`;
    if (parts.reset) return html`<${SetPassword} token=${parts.reset} />`;
    if ("forgot" in parts) return html`<${AskReset} />`;
    if ("orders" in parts) return html`<${Orders} />`;
    if (person?.kind === "account") return html`<${Profile} person=${person} next=${parts.next ?? null} />`;
    if ("register" in parts) return html`<${Register} next=${parts.next ?? null} />`;
    return html`<div class="stack stack--wide"><${SignIn} next=${parts.next ?? null} guest=${person} />${person && html`<${Follows} quietly=${true} />`}</div>`;
  }
}

startPage(AccountPage, { en: [talkEn], zh: [talkZh] });
