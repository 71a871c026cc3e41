/** Before the studio: sign in, then a shop to host for. */

import { html, useState } from "../vendor/preact.js";
import { useApp, useLoad } from "../views/app.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { AskForm } from "./ask_form.js";
import { currencyOptions, likelyCurrency } from "./currencies.js";
import { PasswordField } from "../views/password_field.js";

/** @param {{person: import("../lib/types.js").Person | null, intro?: string}} props intro: a key; whom the page is for */
export function Gate({ person, intro = "gate.sign_in_intro" }) {
  if (person?.kind !== "account") return html`<${SignIn} intro=${intro} />`;
  const followed = person.shops.filter(({ role }) => ["stats", "moderator", "producer"].includes(role));
  return html`<div class="stack stack--wide">
    ${followed.length > 0 && html`<${Followed} shops=${followed} />`}
    <${OpenShop} first=${!followed.length} />
  </div>`;
}

/** @param {{intro: string}} props */
function SignIn({ intro }) {
  const { t, session } = useApp();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const here = encodeURIComponent(location.pathname + location.hash);
  return html`<${AskForm} title=${t("gate.sign_in")} intro=${t(session.over ? "account.session_over" : intro)} label=${t("gate.sign_in")}
      run=${() => session.signIn(email.trim(), password)}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`
      <${Field} name="email" type="email" label=${t("gate.email")} value=${email} onInput=${setEmail} error=${errorOf("email")} autocomplete="username" />
      <${PasswordField} label=${t("gate.password")} value=${password} onInput=${setPassword} error=${errorOf("password")} autocomplete="current-password" />
      <p class="ask__ways"><a class="link link--tap" href=${`/account#register&next=${here}`}>${t("gate.no_account")}</a>
        <a class="link link--tap" href="/account#forgot">${t("gate.forgot")}</a></p>`}
  <//>`;
}

/** The shows of shops in which one moderates, or sees the figures. @param {{shops: import("../lib/types.js").ShopRole[]}} props */
function Followed({ shops }) {
  const { t, api, i18n } = useApp();
  const live = useLoad(() => api.get("/shows?state=live"), []);
  const coming = useLoad(() => api.get("/shows?state=scheduled"), []);
  /** @type {import("../lib/types.js").ShowCard[]} */
  const shows = [...(live.value?.shows ?? []), ...(coming.value?.shows ?? [])].filter(({ shop }) => shops.some(({ id }) => id === shop.id));
  const when = new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium", timeStyle: "short" });
  return html`<section class="card stack">
    <h1 class="ask__title">${t("gate.moderate")}</h1>
    <p class="ask__intro">${shops.map(({ name }) => name).join(", ")}</p>
    ${live.value && coming.value && !shows.length && html`<p>${t("gate.nothing_to_moderate")}</p>`}
    <ul class="rows">${shows.map((show) => html`<li key=${show.id}><a class="card line" href=${`/control/${show.id}`}>
      <span class=${`badge ${show.state === "live" ? "badge--live" : ""}`}>${t(`state.${show.state}`)}</span>
      <span class="line__main"><b class="cut">${show.title}</b><small>${when.format(show.started_at_ms ?? show.starts_at_ms)}</small></span><${Icon} name="arrow" /></a></li>`)}</ul>
  </section>`;
}

/** @param {{first: boolean}} props first: the person has no other work here */
function OpenShop({ first }) {
  const { t, api, session, i18n } = useApp();
  const [name, setName] = useState("");
  const [legalName, setLegalName] = useState("");
  const [address, setAddress] = useState("");
  const [currency, setCurrency] = useState(likelyCurrency(navigator.languages));
  const run = async () => {
    const contact_email = session.person?.email ?? "";
    await api.post("/shops", { name: name.trim(), currency, legal_name: legalName.trim(), legal_address: address.trim(), contact_email }, { key: true });
    await api.refresh();
  };
  return html`<${AskForm} title=${t(first ? "gate.open_shop" : "gate.open_own_shop")} intro=${t("gate.open_shop_intro")} label=${t("gate.open_shop")} start=${first} run=${run}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`
      <${Field} name="name" label=${t("gate.shop_name")} value=${name} onInput=${setName} error=${errorOf("name")} maxlength="80" />
      <${Field} name="legal_name" label=${t("gate.legal_name")} hint=${t("gate.legal_hint")} value=${legalName} onInput=${setLegalName} error=${errorOf("legal_name")} maxlength="200" autocomplete="organization" />
      <${Field} name="legal_address" label=${t("gate.legal_address")} value=${address} onInput=${setAddress} error=${errorOf("legal_address")} rows="2" maxlength="500" autocomplete="street-address" />
      <${Field} name="currency" label=${t("gate.currency")} hint=${t("gate.currency_hint")} value=${currency} onInput=${setCurrency} options=${currencyOptions(i18n.locale)} />`}
  <//>`;
}
