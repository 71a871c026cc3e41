/** What the shop lays down about returning and withdrawing. */

import { html, useState } from "../../vendor/preact.js";
import { useApp, useLoad } from "../../views/app.js";
import { Field } from "../../views/field.js";
import { Sheet } from "../../views/sheet.js";
import { SkeletonLines } from "../../views/skeleton.js";
import { AskForm } from "../ask_form.js";

/** @typedef {{withdrawal: "eu" | "all", delivery_days: number, return_days: number}} Rules */

/** @param {{shop: string, onClose: () => void}} props */
export function RulesSheet({ shop, onClose }) {
  const { t, api, errorText } = useApp();
  const loaded = useLoad(() => api.get(`/shops/${shop}/return-rules`), [shop]);
  return html`<${Sheet} title=${t("desk.rules")} onClose=${onClose}>
    ${loaded.error && html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>`}
    ${loaded.value ? html`<${RulesForm} shop=${shop} rules=${loaded.value} onClose=${onClose} />` : html`<${SkeletonLines} label=${t("loading")} />`}<//>`;
}

/** @param {{shop: string, rules: Rules, onClose: () => void}} props */
function RulesForm({ shop, rules, onClose }) {
  const { t, api, toasts } = useApp();
  const [withdrawal, setWithdrawal] = useState(String(rules.withdrawal));
  const [delivery, setDelivery] = useState(String(rules.delivery_days));
  const [back, setBack] = useState(String(rules.return_days));
  const run = async () => {
    await api.put(`/shops/${shop}/return-rules`, { withdrawal, delivery_days: Number(delivery), return_days: Number(back) });
    toasts.show(t("saved"));
    onClose();
  };
  const days = { type: "number", min: "0", max: "365", step: "1", inputmode: "numeric" };
  return html`<${AskForm} card=${false} start=${false} label=${t("save")} run=${run}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`
      <${Field} name="withdrawal" label=${t("rules.withdrawal")} hint=${t("rules.withdrawal_hint")} value=${withdrawal} onInput=${setWithdrawal}
        options=${[{ value: "eu", label: t("rules.eu") }, { value: "all", label: t("rules.all") }]} />
      <${Field} ...${days} name="delivery_days" label=${t("rules.delivery_days")} hint=${t("rules.delivery_hint")} value=${delivery} onInput=${setDelivery} error=${errorOf("delivery_days")} />
      <${Field} ...${days} name="return_days" label=${t("rules.return_days")} hint=${t("rules.return_hint")} value=${back} onInput=${setBack} error=${errorOf("return_days")} />`}
  <//>`;
}
