/** How a shop can be paid: what its host offers of the ways this server knows, and what is said about paying by hand. */

import { html, useState } from "../vendor/preact.js";
import { useApp, useLoad } from "../views/app.js";
import { Field } from "../views/field.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { AskForm } from "./ask_form.js";

/** @typedef {{name: string, flow: "authorise" | "immediate" | "manual", offered: boolean, possible: boolean, instructions: string}} Setting */

/** @param {{shop: string, onClose: () => void}} props */
export function PaymentsSheet({ shop, onClose }) {
  const { t, api, errorText } = useApp();
  const loaded = useLoad(() => api.get(`/shops/${shop}/payment-settings`), [shop]);
  /** @type {Setting[] | undefined} */
  const methods = loaded.value?.methods;
  return html`<${Sheet} title=${t("payments.title")} onClose=${onClose}>
    ${loaded.error && html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>`}
    ${!methods && !loaded.error && html`<${SkeletonLines} label=${t("loading")} />`}
    ${methods && html`<div class="stack stack--wide">
      <p class="quiet">${t(methods.length ? "payments.intro" : "payments.none")}</p>
      ${methods.map((one) => html`<${Method} key=${one.name} shop=${shop} setting=${one} onSaved=${loaded.set} />`)}
    </div>`}
  <//>`;
}

/** One way to pay. @param {{shop: string, setting: Setting, onSaved: (answer: any) => void}} props */
function Method({ shop, setting, onSaved }) {
  const { t, api, toasts } = useApp();
  const [offered, setOffered] = useState(setting.offered);
  const [instructions, setInstructions] = useState(setting.instructions);
  const by_hand = setting.flow === "manual";
  const field = `instructions_${setting.name}`; // there are several on the page, and each has its label
  const run = async () => {
    try {
      onSaved(await api.put(`/shops/${shop}/payment-settings/${setting.name}`, { offered, instructions }));
    } catch (error) {
      const { facts } = /** @type {{facts?: Record<string, any>}} */ (error);
      if (facts?.field === "instructions") facts.field = field;
      throw error;
    }
    toasts.show(t("saved"));
  };
  const name = t(`payments.method.${setting.name}`);
  const same = offered === setting.offered && instructions === setting.instructions;
  return html`<section class="card stack" aria-label=${name}>
    <header class="row row--spread"><h3>${name}</h3>
      <span class=${`badge ${setting.offered && setting.possible ? "badge--won" : ""}`}>${t(setting.offered && setting.possible ? "payments.is_offered" : "payments.not_offered")}</span></header>
    <p class="small quiet">${t(`payments.flow.${setting.flow}`)}</p>
    ${setting.possible ? html`<${AskForm} card=${false} start=${false} label=${t("save")} kind="wide" idle=${same} name=${name} run=${run}>
      ${(/** @type {(name: string) => string | null} */ errorOf) => html`
        <label class="check"><input type="checkbox" checked=${offered} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => setOffered(event.currentTarget.checked)} />${t("payments.offer")}</label>
        ${by_hand && html`<${Field} name=${field} label=${t("payments.instructions")} hint=${t("payments.instructions_hint")} value=${instructions} onInput=${setInstructions}
          error=${errorOf(field)} optional=${setting.name !== "bank_transfer" || !offered} rows="4" maxlength="2000" />`}`}
    <//>` : html`<p class="notice">${t("payments.not_possible")}</p>`}
  </section>`;
}
