/** The first page of a new server: the first administrator, and the first shop. Closed once there is one. */

import { html, useState } from "../vendor/preact.js";
import { AskForm } from "../host/gate.js";
import { startPage, useApp, useLoad, useTitle } from "../views/app.js";
import { EmptyState } from "../views/empty_state.js";
import { Field } from "../views/field.js";
import { SkeletonLines } from "../views/skeleton.js";
import { TopBar } from "../views/top_bar.js";
import { en, zh } from "./words.js";

const CURRENCIES = ["USD", "EUR", "GBP", "CNY", "JPY", "KRW", "SGD", "AUD", "CAD", "KWD"];

function Setup() {
  const { t, api, errorText } = useApp();
  useTitle(t("setup.title"));
  const loaded = useLoad(() => api.get("/setup"), []);
  const [done, setDone] = useState(false);
  let content = html`<${SkeletonLines} label=${t("loading")} />`;
  if (loaded.error) content = html`<p class="notice notice--trouble" role="alert">${errorText(loaded.error)}</p>`;
  if (loaded.value) content = loaded.value.needed && !done ? html`<${Form} onDone=${() => setDone(true)} />` : html`<${Done} />`;
  return html`<${TopBar} title="liveshop" /><main class="page page--narrow">${content}</main>`;
}

function Done() {
  const { t } = useApp();
  return html`<${EmptyState} icon="check" title=${t("setup.done")} action=${html`<a class="btn btn--accent" href="/host">${t("setup.to_studio")}</a>`}>${t("setup.done_next")}<//>`;
}

/** @param {{onDone: () => void}} props */
function Form({ onDone }) {
  const { t, api } = useApp();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [shop, setShop] = useState("");
  const [currency, setCurrency] = useState("USD");
  const run = async () => {
    api.adopt(await api.post("/setup", { email: email.trim(), password, name: name.trim(), shop_name: shop.trim(), currency }, { key: true }));
    onDone();
  };
  return html`<${AskForm} title=${t("setup.title")} intro=${t("setup.intro")} label=${t("setup.go")} run=${run}>
    <${Field} name="name" label=${t("setup.name")} value=${name} onInput=${setName} maxlength="40" autocomplete="name" />
    <${Field} name="email" type="email" label=${t("setup.email")} value=${email} onInput=${setEmail} autocomplete="username" />
    <${Field} name="password" type="password" label=${t("setup.password")} hint=${t("setup.password_hint")} value=${password} onInput=${setPassword} autocomplete="new-password" minlength="10" />
    <${Field} name="shop" label=${t("setup.shop")} value=${shop} onInput=${setShop} maxlength="80" />
    <${Field} name="currency" label=${t("setup.currency")} hint=${t("setup.currency_hint")} value=${currency} onInput=${setCurrency} options=${CURRENCIES.map((one) => ({ value: one, label: one }))} />
  <//>`;
}

startPage(Setup, { en: [en], zh: [zh] });
