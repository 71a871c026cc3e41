/** The ways to get it, and what the order comes to. */

import { html } from "../../vendor/preact.js";
import { taxText } from "../../lib/prices/money.js";
import { useApp } from "../../views/app.js";

/** @typedef {import("../../lib/types.js").Quote} Quote */
/** @typedef {import("../../lib/types.js").QuotedShipping} QuotedShipping */

/** @param {import("../../lib/words/i18n.js").Translate} t @param {QuotedShipping} method @returns {string} "2–4 days", "" when nobody knows */
export function daysText(t, { min_days, max_days }) {
  if (max_days === null) return "";
  return min_days === null || min_days === max_days ? t("buy.days", { count: max_days }) : t("buy.days_range", { from: min_days, count: max_days });
}

/** @param {{quote: Quote, wanted: string | null, onChoose: (id: string) => void}} props wanted: pressed, and perhaps not yet in the quote */
export function ShippingChoice({ quote, wanted, onChoose }) {
  const { t, money } = useApp();
  if (!quote.methods.length) return html`<p class="notice notice--trouble" role="alert">${t("error.not_delivered")}</p>`;
  const cost = (/** @type {QuotedShipping} */ { price_minor }) => (price_minor ? money(price_minor, quote.currency) : t("buy.free"));
  const about = (/** @type {QuotedShipping} */ method) => [daysText(t, method), method.note].filter(Boolean).join(" · ");
  const [only] = quote.methods;
  const chosen = quote.methods.some(({ id }) => id === wanted) ? wanted : quote.shipping;
  if (quote.methods.length === 1) {
    return html`<p class="small row row--spread"><span class="quiet">${only.name}${about(only) && ` · ${about(only)}`}</span><span class="figures">${cost(only)}</span></p>`;
  }
  return html`<fieldset class="stack stack--tight"><legend class="address__legend"><b>${t("buy.shipping")}</b></legend>
    ${quote.methods.map((method) => html`<label class="option" key=${method.id}><input type="radio" name="shipping" value=${method.id} checked=${method.id === chosen} onChange=${() => onChoose(method.id)} />
      <span class="option__name">${method.name}${about(method) && html`<span class="tiny quiet option__note">${about(method)}</span>`}</span><span class="figures small">${cost(method)}</span></label>`)}
  </fieldset>`;
}

/**
 * Goods, shipping and tax above a total; the tax it contains below.
 * @param {{of: Pick<Quote, "currency" | "items_minor" | "shipping_minor" | "tax_minor" | "total_minor"> & {discount_minor?: number, tax_inclusive?: boolean, taxes?: import("../../lib/types.js").TaxSum[], shipping?: unknown}}} props
 */
export function Sums({ of }) {
  const { t, i18n, money } = useApp();
  const row = (/** @type {unknown} */ name, /** @type {number} */ amount_minor) => html`<p class="small row row--spread"><span class="quiet">${name}</span><span class="figures">${money(amount_minor, of.currency)}</span></p>`;
  const taxes = of.taxes ?? [];
  const plain = of.items_minor === of.total_minor && !taxes.length;
  return html`<div class="sums">
    ${!plain && row(t("buy.items"), of.items_minor)}
    ${(of.discount_minor ?? 0) > 0 && row(t("buy.discount"), -(of.discount_minor ?? 0))}
    ${!plain && row(t("buy.shipping"), of.shipping_minor)}
    ${!of.tax_inclusive && taxes.map((tax) => row(taxText(tax, i18n.locale), tax.tax_minor))}
    <p class="row row--spread big"><span>${t("buy.total")}</span><span class="figures">${money(of.total_minor, of.currency)}</span></p>
    ${of.tax_inclusive && taxes.map((tax) => row(t("buy.tax_in", { tax: taxText(tax, i18n.locale) }), tax.tax_minor))}
  </div>`;
}
