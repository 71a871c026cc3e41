/** Which one, how many, and what it costs. */

import { html, useState } from "../../vendor/preact.js";
import { variantOffer } from "../../lib/prices/offer.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { Picture } from "../../views/picture.js";
import { PriceTag } from "../../views/price_tag.js";
import { SaleBadge } from "../../views/product_card.js";
import { Stepper } from "../../views/stepper.js";
import { StockBar, stockWords } from "../../views/stock_bar.js";
import { useShow } from "../show_context.js";

/** @typedef {import("../../lib/types.js").Variant} Variant */
/** @typedef {import("../../lib/prices/offer.js").Offer} Offer */

/**
 * @param {{product: import("../../lib/types.js").Product, price_changed: {variant: string, price_minor: number, price_version: number} | null,
 *   onHold: (line: import("./counter.js").Line, pool: string | null) => void}} props
 */
export function ChooseStep({ product, price_changed, onHold }) {
  const { t, money, clock } = useApp();
  const { state } = useShow();
  const offers = product.variants.map((variant) => variantOffer(product, variant, state, clock.now_ms()));
  const [chosen, choose] = useState(price_changed?.variant ?? (offers.find(({ buyable }) => buyable) ?? offers[0])?.variant?.id ?? "");
  const [wanted, want] = useState(1);
  const offer = offers.find(({ variant }) => variant?.id === chosen) ?? offers[0];
  if (!offer?.variant) return null;
  const changed = price_changed?.variant === chosen ? price_changed : null;
  const price_minor = changed?.price_minor ?? offer.price_minor;
  const most = Math.max(1, Math.min(offer.limit, offer.stock?.available ?? offer.limit));
  const quantity = Math.min(wanted, most);
  const total = money(price_minor * quantity, offer.currency);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const sale = offer.sale?.state === "open" ? offer.sale : null;
    const line = { variant: chosen, sale: sale?.id ?? null, quantity, price_version: changed?.price_version ?? offer.price_version };
    onHold(line, sale?.pool ?? offer.variant?.pool ?? null);
  };
  return html`<form class="stack" onSubmit=${submit}>
    <div class="choose__top">
      <div class="choose__picture"><${Picture} picture=${product.picture} sizes="112px" eager=${true} /></div>
      <div class="stack stack--tight grow">
        <${PriceTag} price_minor=${price_minor} was_minor=${offer.was_minor} currency=${offer.currency} size="big" flash=${offer.sale?.state === "open"} />
        ${offer.sale && html`<${SaleBadge} sale=${offer.sale} />`}
        <${StockBar} stock=${offer.stock} />
        ${product.description && html`<p class="small quiet choose__text">${product.description}</p>`}
      </div>
    </div>
    ${changed && html`<p class="notice notice--accent" role="alert">${t("buy.price_changed", { was: money(offer.price_minor, offer.currency), price: money(changed.price_minor, offer.currency) })}</p>`}
    ${product.variants.length > 1 && html`<${Variants} offers=${offers} chosen=${chosen} onChoose=${choose} />`}
    <div class="row row--spread">
      <div><b class="small">${t("buy.quantity")}</b>${offer.limit < 99 && html`<p class="tiny quiet">${t("buy.limit", { count: offer.limit })}</p>`}</div>
      <${Stepper} label=${t("buy.quantity")} value=${quantity} most=${most} onChange=${want} />
    </div>
    <div class="step-foot">
      <${Button} kind="accent wide tall" type="submit">${changed ? t("buy.price_accept", { price: total }) : t("buy.hold_total", { total })}<//>
    </div>
  </form>`;
}

/** @param {{offers: Offer[], chosen: string, onChoose: (variant: string) => void}} props */
function Variants({ offers, chosen, onChoose }) {
  const { t, money } = useApp();
  const prices = new Set(offers.map(({ price_minor }) => price_minor));
  return html`<fieldset><legend class="small"><b>${t("buy.variant")}</b></legend><div class="choices choose__variants">
    ${offers.map((offer) => {
      const { variant, buyable, stock } = offer;
      if (!variant) return null;
      return html`<label class="choice" key=${variant.id}>
        <input type="radio" name="variant" value=${variant.id} checked=${variant.id === chosen} onChange=${() => onChoose(variant.id)} />
        <span class="choice__face"><span>${variant.title}</span>
          <span class="tiny quiet figures">${buyable || !stock ? prices.size > 1 && money(offer.price_minor, offer.currency) : stockWords(t, stock, true)}</span></span>
      </label>`;
    })}
  </div></fieldset>`;
}
