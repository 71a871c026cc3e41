/** What comes by mail: confirming an address, a forgotten password. The links carry their token behind `#`. */

import { html, useState } from "../vendor/preact.js";
import { useApp, useLoad } from "../views/app.js";
import { EmptyState } from "../views/empty_state.js";
import { Field } from "../views/field.js";
import { SkeletonLines } from "../views/skeleton.js";
import { FormCard, useForm } from "./form.js";
import { PasswordField } from "../views/password_field.js";
import { SHORTEST_PASSWORD } from "./sign_in.js";

/** @param {{token: string}} props */
export function Confirm({ token }) {
  const { t, api, session } = useApp();
  const done = useLoad(async () => {
    await api.post("/accounts/confirm", { token });
    if (session.person) await api.refresh();
    return true;
  }, [token]);
  if (done.value) return html`<${EmptyState} icon="check" title=${t("account.confirmed")} action=${html`<a class="btn btn--accent" href="/">${t("show.to_lobby")}</a>`}>${t("account.confirmed_next")}<//>`;
  if (done.error) return html`<${EmptyState} icon="mail" title=${t("account.confirm_failed")} action=${html`<a class="btn" href="#">${t("nav.account")}</a>`}>${t("account.confirm_failed_next")}<//>`;
  return html`<${SkeletonLines} label=${t("account.confirming")} />`;
}

/** No props. */
export function AskReset() {
  const { t, api } = useApp();
  const [sentTo, setSentTo] = useState("");
  const form = useForm({ email: "" }, async ({ email }) => {
    await api.post("/accounts/reset", { email: email.trim() });
    setSentTo(email.trim());
  });
  if (sentTo) return html`<${EmptyState} icon="mail" title=${t("account.reset_sent")} action=${html`<a class="btn" href="#">${t("account.sign_in")}</a>`}>${t("account.reset_sent_next", { email: sentTo })}<//>`;
  return html`<${FormCard} title=${t("account.reset")} text=${t("account.reset_next")} form=${form} button=${t("account.reset_send")}
    after=${html`<nav class="account__ways"><a href="#">${t("account.sign_in")}</a></nav>`}>
    <${Field} label=${t("account.email")} type="email" autocomplete="username" inputmode="email" ...${form.field("email")} />
  <//>`;
}

/** @param {{token: string}} props */
export function SetPassword({ token }) {
  const { t, api, toasts } = useApp();
  const form = useForm({ password: "" }, async ({ password }) => {
    await api.post("/accounts/reset/complete", { token, password });
    toasts.show(t("account.reset_done"));
    location.hash = "";
  });
  return html`<${FormCard} title=${t("account.reset")} form=${form} button=${t("account.reset_set")}>
    <${PasswordField} label=${t("account.new_password")} hint=${t("account.password_hint", { count: SHORTEST_PASSWORD })} autocomplete="new-password" ...${form.field("password")} />
  <//>`;
}
