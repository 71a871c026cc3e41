/** Sign in, or make an account. */

import { html } from "../vendor/preact.js";
import { ApiError } from "../lib/server/api.js";
import { useApp } from "../views/app.js";
import { Field } from "../views/field.js";
import { PasswordField } from "../views/password_field.js";
import { FormCard, useForm } from "./form.js";

export const SHORTEST_PASSWORD = 8;

/**
 * Where to go after signing in: back to a page of ours, or nowhere.
 * @param {string | null} next
 */
export function goOn(next) {
  if (next && /^\/(?![/\\])/.test(next)) location.assign(next);
  else if (location.hash) location.hash = "";
}

/** @param {{next: string | null, guest: import("../lib/types.js").Person | null}} props */
export function SignIn({ next, guest }) {
  const { t, session } = useApp();
  const form = useForm({ email: "", password: "" }, async ({ email, password }) => {
    try {
      await session.signIn(email.trim(), password);
    } catch (error) {
      // Which of the two is wrong is nobody's business.
      if (error instanceof ApiError && error.code === "wrong_password") throw new ApiError("bad_credentials", error.status, error.message);
      throw error;
    }
    goOn(next);
  });
  const keep = next ? `&next=${encodeURIComponent(next)}` : "";
  return html`<${FormCard} title=${t("account.sign_in")} text=${session.over ? t("account.session_over") : guest ? t("account.guest", { name: guest.name }) : t("account.sign_in_next")} form=${form} button=${t("account.sign_in")}
    after=${html`<nav class="account__ways"><a href="#forgot">${t("account.forgot")}</a><a href=${`#register${keep}`}>${t("account.need_one")}</a></nav>
      ${guest && html`<a class="btn btn--wide" href="#orders">${t("nav.orders")}</a>`}`}>
    <${Field} label=${t("account.email")} type="email" autocomplete="username" inputmode="email" ...${form.field("email")} />
    <${PasswordField} label=${t("account.password")} autocomplete="current-password" ...${form.field("password")} />
  <//>`;
}

/** @param {{next: string | null}} props */
export function Register({ next }) {
  const { t, session, toasts } = useApp();
  const form = useForm({ name: "", email: "", password: "" }, async (values) => {
    await session.register({ ...values, email: values.email.trim(), name: values.name.trim() });
    // The account page says it by itself.
    if (next) toasts.show(t("account.confirm_please", { email: values.email.trim() }));
    goOn(next);
  });
  return html`<${FormCard} title=${t("account.register")} text=${t("account.register_next")} form=${form} button=${t("account.register")}
    after=${html`<nav class="account__ways"><a href=${next ? `#next=${encodeURIComponent(next)}` : "#"}>${t("account.have_one")}</a></nav>`}>
    <${Field} label=${t("account.name")} hint=${t("account.name_hint")} autocomplete="nickname" maxlength="40" ...${form.field("name")} />
    <${Field} label=${t("account.email")} type="email" autocomplete="email" inputmode="email" ...${form.field("email")} />
    <${PasswordField} label=${t("account.password")} hint=${t("account.password_hint", { count: SHORTEST_PASSWORD })} autocomplete="new-password" ...${form.field("password")} />
  <//>`;
}
