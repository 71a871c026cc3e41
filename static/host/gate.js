/** Before the studio: sign in, then a shop to host for. */

import { html, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";

const CURRENCIES = ["USD", "EUR", "GBP", "CNY", "JPY", "KRW", "SGD", "AUD", "CAD", "KWD"];

/**
 * A form whose submit is busy while it runs and says what went wrong.
 * @param {{title: string, intro: string, label: string, run: () => Promise<void>, children?: unknown}} props
 */
export function AskForm({ title, intro, label, run, children }) {
  const { errorText } = useApp();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setTrouble("");
    try {
      await run();
    } catch (error) {
      setTrouble(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return html`<form class="card stack" onSubmit=${submit}>
    <h1 class="ask__title">${title}</h1>
    <p class="ask__intro">${intro}</p>
    ${children}
    ${trouble && html`<p class="notice notice--trouble" role="alert">${trouble}</p>`}
    <${Button} type="submit" kind="accent wide tall" busy=${busy}>${label}<//>
  </form>`;
}

/** @param {{person: import("../lib/types.js").Person | null}} props */
export function Gate({ person }) {
  return person?.kind === "account" ? html`<${OpenShop} />` : html`<${SignIn} />`;
}

function SignIn() {
  const { t, session } = useApp();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  return html`<${AskForm} title=${t("gate.sign_in")} intro=${t("gate.sign_in_intro")} label=${t("gate.sign_in")}
      run=${() => session.signIn(email.trim(), password)}>
    <${Field} name="email" type="email" label=${t("gate.email")} value=${email} onInput=${setEmail} autocomplete="username" />
    <${Field} name="password" type="password" label=${t("gate.password")} value=${password} onInput=${setPassword} autocomplete="current-password" />
    <p><a class="link" href="/account">${t("gate.no_account")}</a></p>
  <//>`;
}

function OpenShop() {
  const { t, api, session } = useApp();
  const [name, setName] = useState("");
  const [legalName, setLegalName] = useState("");
  const [address, setAddress] = useState("");
  const [currency, setCurrency] = useState("USD");
  const run = async () => {
    const slug = name.trim().toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || `shop-${Date.now().toString(36)}`;
    const contact_email = session.person?.email ?? "";
    await api.post("/shops", { name: name.trim(), slug, currency, legal_name: legalName.trim(), legal_address: address.trim(), contact_email }, { key: true });
    await api.refresh();
  };
  return html`<${AskForm} title=${t("gate.open_shop")} intro=${t("gate.open_shop_intro")} label=${t("gate.open_shop")} run=${run}>
    <${Field} name="shop" label=${t("gate.shop_name")} value=${name} onInput=${setName} maxlength="80" />
    <${Field} name="legal_name" label=${t("gate.legal_name")} hint=${t("gate.legal_hint")} value=${legalName} onInput=${setLegalName} maxlength="200" />
    <${Field} name="legal_address" label=${t("gate.legal_address")} value=${address} onInput=${setAddress} rows="2" maxlength="500" />
    <${Field} name="currency" label=${t("gate.currency")} value=${currency} onInput=${setCurrency}
      options=${CURRENCIES.map((one) => ({ value: one, label: one }))} />
  <//>`;
}
