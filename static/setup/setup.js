/** The first page of a new server: the first administrator, and the first shop. Closed once there is one. */

import { html, useState } from "../vendor/preact.js";
import { AskForm } from "../host/ask_form.js";
import { currencyOptions, likelyCurrency } from "../host/currencies.js";
import { PasswordField } from "../views/password_field.js";
import { en as hostEn, zh as hostZh } from "../host/words.js";
import { startPage, useApp, useLoad, useTitle } from "../views/app.js";
import { EmptyState, Failed } from "../views/empty_state.js";
import { Field } from "../views/field.js";
import { SkeletonLines } from "../views/skeleton.js";
import { TopBar } from "../views/top_bar.js";
import { en, zh } from "./words.js";

function Setup() {
  const { t, api } = useApp();
  useTitle(t("setup.title"));
  const loaded = useLoad(() => api.get("/setup"), []);
  const [done, setDone] = useState(false);
  let content = html`<div class="card"><${SkeletonLines} label=${t("loading")} /></div>`;
  if (loaded.error) content = html`<div class="card"><${Failed} error=${loaded.error} onAgain=${loaded.again} /></div>`;
  if (done) content = html`<${Done} />`;
  else if (loaded.value) content = loaded.value.needed ? html`<${Form} onDone=${() => setDone(true)} />` : html`<${Closed} />`;
  return html`<${TopBar} title="liveshop" /><main class="page page--narrow page--gate">${content}</main>`;
}

/** For whoever has just done it: what comes next. */
function Done() {
  const { t } = useApp();
  return html`<div class="card setup__done"><${EmptyState} icon="check" title=${t("setup.done")} action=${html`<a class="btn btn--accent btn--tall" href="/host">${t("setup.to_studio")}</a>`}>${t("setup.done_next")}<//>
    <ol class="setup__steps">${["product", "show", "live"].map((step) => html`<li key=${step}>${t(`setup.step.${step}`)}</li>`)}</ol></div>`;
}

/** For everybody who comes later. */
function Closed() {
  const { t } = useApp();
  return html`<div class="card"><${EmptyState} icon="lock" title=${t("setup.closed")} action=${html`<span class="ask__ways"><a class="btn btn--accent" href="/host">${t("setup.to_studio")}</a><a class="btn" href="/">${t("nav.lobby")}</a></span>`}>${t("setup.closed_next")}<//></div>`;
}

/** @param {{onDone: () => void}} props */
function Form({ onDone }) {
  const { t, api, i18n } = useApp();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [shop, setShop] = useState("");
  const [currency, setCurrency] = useState(likelyCurrency(navigator.languages));
  const run = async () => {
    api.adopt(await api.post("/setup", { email: email.trim(), password, name: name.trim(), shop_name: shop.trim(), currency }, { key: true }));
    onDone();
  };
  return html`<${AskForm} title=${t("setup.title")} intro=${t("setup.intro")} label=${t("setup.go")} run=${run}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`
      <fieldset class="stack"><legend class="setup__part">${t("setup.you")}</legend>
        <${Field} name="name" label=${t("setup.name")} hint=${t("setup.name_hint")} value=${name} onInput=${setName} error=${errorOf("name")} maxlength="40" autocomplete="name" />
        <${Field} name="email" type="email" label=${t("setup.email")} value=${email} onInput=${setEmail} error=${errorOf("email")} autocomplete="username" />
        <${PasswordField} label=${t("setup.password")} hint=${t("setup.password_hint")} value=${password} onInput=${setPassword} error=${errorOf("password")} autocomplete="new-password" minlength="10" maxlength="200" />
      </fieldset>
      <fieldset class="stack"><legend class="setup__part">${t("setup.your_shop")}</legend>
        <${Field} name="shop_name" label=${t("setup.shop")} value=${shop} onInput=${setShop} error=${errorOf("shop_name")} maxlength="80" autocomplete="organization" />
        <${Field} name="currency" label=${t("setup.currency")} hint=${t("gate.currency_hint")} value=${currency} onInput=${setCurrency} error=${errorOf("currency")} options=${currencyOptions(i18n.locale)} />
      </fieldset>`}
  <//>`;
}

startPage(Setup, { en: [hostEn, en], zh: [hostZh, zh] });
