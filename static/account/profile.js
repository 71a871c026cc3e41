/** One's own account: name, password, sign-ins, the end of it. */

import { html, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { Follows } from "./follows.js";
import { FormCard, useForm } from "./form.js";
import { Remembered } from "./remembered.js";
import { PasswordField } from "../views/password_field.js";
import { useAttempt, useBusy } from "../views/use_attempt.js";
import { SHORTEST_PASSWORD } from "./sign_in.js";

/** @typedef {import("../lib/types.js").Person} Person */

/** @param {{person: Person, next: string | null}} props */
export function Profile({ person }) {
  const { t } = useApp();
  return html`<div class="stack stack--wide">
    <h1>${t("account.title")}</h1>
    ${!person.email_confirmed && html`<${ConfirmPlease} person=${person} />`}
    <a class="btn btn--wide" href="#orders"><${Icon} name="box" />${t("nav.orders")}</a>
    ${person.shops.length > 0 && html`<${Shops} person=${person} />`}
    <${NameCard} person=${person} />
    <${Follows} />
    <${Remembered} />
    <${PasswordCard} />
    <${SignIns} />
    <${Farewell} />
  </div>`;
}

/** @param {{person: Person}} props */
function ConfirmPlease({ person }) {
  const { t, api, toasts } = useApp();
  const { busy, run } = useBusy();
  const resend = () => run("resend", async () => {
    await api.post("/accounts/confirm/resend", {});
    toasts.show(t("account.confirm_resent"));
  });
  return html`<div class="notice notice--accent account__confirm"><${Icon} name="mail" /><span class="grow">${t("account.confirm_please", { email: person.email })}</span>
    <${Button} kind="small" busy=${busy !== ""} onClick=${resend}>${t("account.confirm_resend")}<//></div>`;
}

/** @param {{person: Person}} props */
function Shops({ person }) {
  const { t } = useApp();
  return html`<section class="card stack"><h2>${t("account.shops")}</h2>
    <ul class="stack stack--tight">${person.shops.map((shop) => html`<li key=${shop.id} class="row row--spread"><span class="cut grow">${shop.name}</span><span class="badge">${t(`role.${shop.role}`)}</span></li>`)}</ul>
    <a class="btn btn--wide" href="/host"><${Icon} name="camera" />${t("nav.studio")}</a></section>`;
}

/** @param {{person: Person}} props */
function NameCard({ person }) {
  const { t, session, api, toasts } = useApp();
  const attempt = useAttempt();
  const form = useForm({ name: person.name }, async ({ name }) => {
    await session.rename(name.trim());
    toasts.show(t("account.saved"));
  });
  const announce = (/** @type {boolean} */ on) => attempt(async () => {
    await api.patch("/me", { announce_purchases: on });
    await api.refresh();
  });
  return html`<${FormCard} level=${2} title=${t("account.profile")} text=${person.email ?? ""} form=${form} button=${t("save")}>
    <${Field} label=${t("account.name")} hint=${t("account.name_hint")} autocomplete="nickname" maxlength="40" ...${form.field("name")} />
    <label class="check"><input type="checkbox" checked=${person.announce_purchases ?? true} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => announce(event.currentTarget.checked)} />
      <span>${t("account.announce")}</span></label>
  <//>`;
}

/** No props. */
function PasswordCard() {
  const { t, api, toasts } = useApp();
  const form = useForm({ current_password: "", new_password: "" }, async (values) => {
    await api.post("/me/password", { current: values.current_password, new: values.new_password });
    form.setValues({ current_password: "", new_password: "" });
    toasts.show(t("account.password_changed"));
  });
  return html`<${FormCard} level=${2} title=${t("account.change_password")} form=${form} button=${t("account.change_password")}>
    <${PasswordField} label=${t("account.current_password")} autocomplete="current-password" ...${form.field("current_password")} />
    <${PasswordField} label=${t("account.new_password")} hint=${t("account.password_hint", { count: SHORTEST_PASSWORD })} autocomplete="new-password" ...${form.field("new_password")} />
  <//>`;
}

/** No props. */
function SignIns() {
  const { t, session, api } = useApp();
  const attempt = useAttempt();
  const everywhere = async () => {
    await api.post("/me/sign-out-everywhere", {});
    session.leave();
  };
  return html`<section class="card stack"><h2>${t("account.sessions")}</h2>
    <${Button} kind="wide" onClick=${() => attempt(() => session.signOut())}><${Icon} name="sign_out" />${t("account.sign_out")}<//>
    <div class="stack stack--tight"><${Button} kind="wide" onClick=${() => attempt(everywhere)}>${t("account.sign_out_everywhere")}<//>
      <p class="small quiet">${t("account.sign_out_everywhere_next")}</p></div></section>`;
}

/** No props. */
function Farewell() {
  const { t, session, api, toasts } = useApp();
  const [open, setOpen] = useState(false);
  const form = useForm({ password: "" }, async ({ password }) => {
    await api.delete("/me", { password });
    session.leave();
    toasts.show(t("account.deleted"));
  });
  if (!open) return html`<section class="card stack"><h2>${t("account.delete")}</h2><p class="quiet">${t("account.delete_next")}</p>
    <${Button} kind="danger" onClick=${() => setOpen(true)}>${t("account.delete")}…<//></section>`;
  return html`<form class="card stack" onSubmit=${form.submit} novalidate><h2>${t("account.delete")}</h2><p class="quiet">${t("account.delete_next")}</p>
    <${PasswordField} label=${t("account.password")} autocomplete="current-password" ...${form.field("password")} />
    ${form.problem && html`<p class="notice notice--trouble" role="alert">${form.problem}</p>`}
    <div class="row row--wrap"><${Button} kind="danger" type="submit" busy=${form.busy}>${t("account.delete_sure")}<//>
      <${Button} kind="quiet" onClick=${() => setOpen(false)}>${t("cancel")}<//></div></form>`;
}
