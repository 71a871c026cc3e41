/** How it is paid: with what the provider keeps for this person, or in one of the shop's ways. */

import { html } from "../../vendor/preact.js";
import { useApp } from "../../views/app.js";

/** @typedef {import("./use_buyer.js").BuyerFacts} BuyerFacts */
/** @typedef {{id: string, method: string, means: string | null, label: string | null, flow: string, instructions: string | null}} Option */

/**
 * What can be chosen, best first: remembered means, then the shop's methods.
 * @param {BuyerFacts} buyer
 * @returns {Option[]}
 */
export function paymentOptions({ saved, methods }) {
  const offered = new Map(methods.map((method) => [method.name, method]));
  const remembered = (saved?.means ?? []).filter(({ provider }) => offered.has(provider)).map(({ id, provider, label }) => ({ id, method: provider, means: id, label, flow: "means", instructions: null }));
  return [...remembered, ...methods.map(({ name, flow, instructions }) => ({ id: name, method: name, means: null, label: null, flow, instructions }))];
}

/** @param {{options: Option[], chosen: Option | null, onChoose: (id: string) => void}} props */
export function PaymentChoice({ options, chosen, onChoose }) {
  const { t, i18n } = useApp();
  const name = (/** @type {Option} */ { label, method }) => label ?? (i18n.has(`buy.method_${method}`) ? t(`buy.method_${method}`) : method);
  if (!chosen) return null;
  if (options.length === 1) return html`<p class="small row row--spread"><span class="quiet">${t("buy.pay_with")}</span><span>${name(chosen)}</span></p>`;
  return html`<fieldset class="stack stack--tight"><legend class="address__legend"><b>${t("buy.pay_with")}</b></legend>
    ${options.map((option) => html`<label class="option" key=${option.id}><input type="radio" name="payment" value=${option.id} checked=${option.id === chosen.id} onChange=${() => onChoose(option.id)} />
      <span class="option__name">${name(option)}</span></label>`)}
    ${chosen.instructions && html`<p class="small quiet option__note">${chosen.instructions}</p>`}
  </fieldset>`;
}
