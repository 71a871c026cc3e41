/** The shop as its owner sees it: who sells, how it is sent and taxed, and who else works in it. */

import { html, useState } from "../vendor/preact.js";
import { useApp, useLoad, usePerson } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { useAttempt } from "../views/use_attempt.js";
import { AskForm } from "./ask_form.js";
import { Terms } from "./terms_form.js";

/** @typedef {{person: string, name: string, email: string, role: string, money: boolean}} Member */

/** @param {{shop: string, onClose: () => void}} props */
export function ShopSheet({ shop, onClose }) {
  const { t, api, errorText } = useApp();
  const loaded = useLoad(() => api.get(`/shops/${shop}`), [shop]);
  return html`<${Sheet} title=${t("shop.title")} onClose=${onClose}>
    ${loaded.error && html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>`}
    ${loaded.value ? html`<div class="stack stack--wide"><${About} shop=${loaded.value} /><${Terms} shop=${loaded.value} /><${Staff} shop=${shop} /></div>` : html`<${SkeletonLines} label=${t("loading")} />`}
  <//>`;
}

/** @param {{shop: any}} props */
function About({ shop }) {
  const { t, api, toasts } = useApp();
  const [form, setForm] = useState({ name: shop.name, legal_name: shop.legal_name, legal_address: shop.legal_address, contact_email: shop.contact_email, accent: shop.accent, supporters: shop.supporters });
  /** @param {keyof typeof form} name */
  const set = (name) => (/** @type {string} */ value) => setForm({ ...form, [name]: value });
  const run = async () => {
    await api.patch(`/shops/${shop.id}`, form);
    toasts.show(t("saved"));
  };
  return html`<${AskForm} card=${false} start=${false} intro=${t("shop.intro", { currency: shop.currency })} label=${t("save")} run=${run}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`
      <${Field} name="name" label=${t("gate.shop_name")} value=${form.name} onInput=${set("name")} error=${errorOf("name")} maxlength="80" />
      <${Field} name="legal_name" label=${t("gate.legal_name")} hint=${t("gate.legal_hint")} value=${form.legal_name} onInput=${set("legal_name")} error=${errorOf("legal_name")} maxlength="200" />
      <${Field} name="legal_address" label=${t("gate.legal_address")} value=${form.legal_address} onInput=${set("legal_address")} error=${errorOf("legal_address")} rows="2" maxlength="500" />
      <${Field} name="contact_email" type="email" label=${t("shop.contact")} value=${form.contact_email} onInput=${set("contact_email")} error=${errorOf("contact_email")} />
      <${Field} name="accent" type="color" label=${t("shop.accent")} value=${form.accent} onInput=${set("accent")} error=${errorOf("accent")} />
      <label class="check"><input type="checkbox" name="supporters" checked=${form.supporters} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => setForm({ ...form, supporters: event.currentTarget.checked })} /><span>${t("supporters.shop")}</span></label>`}
  <//>`;
}

/** @param {{shop: string}} props */
function Staff({ shop }) {
  const { t, api, toasts } = useApp();
  const attempt = useAttempt();
  const person = usePerson();
  const loaded = useLoad(() => api.get(`/shops/${shop}/staff`), [shop]);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("moderator");
  const [money, setMoney] = useState(false);
  const asks = role === "stats" || role === "moderator";
  const add = async () => {
    loaded.set(await api.post(`/shops/${shop}/staff`, { email: email.trim(), role, money: asks && money }, { key: true }));
    loaded.again();
    setEmail("");
    toasts.show(t("saved"));
  };
  /** @param {Member} member */
  const putBack = async ({ email: of, role: as, money: sees }) => {
    await api.post(`/shops/${shop}/staff`, { email: of, role: as, money: sees }, { key: true });
    loaded.again();
  };
  /** @param {Member} member */
  const remove = (member) => attempt(async () => {
    await api.delete(`/shops/${shop}/staff/${member.person}`);
    loaded.again();
    toasts.show(t("shop.removed", { name: member.name }), { action: { label: t("shop.put_back"), run: () => void attempt(() => putBack(member)) } });
  });
  return html`<section class="stack" aria-label=${t("shop.staff")}>
    <h3>${t("shop.staff")}</h3>
    <ul class="rows">${(loaded.value?.staff ?? []).map((/** @type {Member} */ member) => html`<li key=${member.person} class="line card">
      <span class="line__main"><b class="cut">${member.name}</b><small class="cut">${member.email}</small></span>
      <span class="badge">${t(`role.${member.role}`)}</span>
      ${member.person !== person?.id && html`<${Button} kind="quiet round" label=${t("shop.remove", { name: member.name })} onClick=${() => remove(member)}><${Icon} name="close" /><//>`}
    </li>`)}</ul>
    <${AskForm} card=${false} start=${false} intro=${t("shop.staff_hint")} label=${t("shop.add")} run=${add}>
      ${(/** @type {(name: string) => string | null} */ errorOf) => html`<div class="two">
        <${Field} name="email" type="email" label=${t("gate.email")} value=${email} onInput=${setEmail} error=${errorOf("email")} autocomplete="off" />
        <${Field} name="role" label=${t("shop.role")} value=${role} onInput=${setRole} options=${["stats", "moderator", "producer", "host", "owner"].map((value) => ({ value, label: t(`role.${value}`) }))} /></div>
        ${asks && html`<label class="check"><input type="checkbox" name="money" checked=${money} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => setMoney(event.currentTarget.checked)} /><span>${t("shop.money")}</span></label>`}`}
    <//>
  </section>`;
}
