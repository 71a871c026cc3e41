/** A product in a list: picture, title, price, stock and one button. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { Picture } from "./picture.js";
import { PriceTag } from "./price_tag.js";
import { StockBar } from "./stock_bar.js";
import { Countdown } from "./countdown.js";

/**
 * @param {{product: import("../lib/types.js").Product, offer: import("../lib/offer.js").Offer, action?: unknown, pinned?: boolean}} props
 */
export function ProductCard({ product, offer, action, pinned = false }) {
  const { t } = useApp();
  return html`<article class=${`product ${pinned ? "product--pinned" : ""}`} aria-label=${product.title}>
    <div class="product__picture"><${Picture} picture=${product.picture} sizes="72px" /></div>
    <div class="product__body">
      <div class="row row--spread">
        <h3 class="product__title cut-2">${product.title}</h3>
        ${offer.sale?.state === "open" && html`<span class="badge badge--accent">${t("flash")}</span>`}
      </div>
      <${PriceTag} price_minor=${offer.price_minor} was_minor=${offer.was_minor} currency=${offer.currency} size="small"
        flash=${offer.sale?.state === "open"} from=${offer.from} />
      <div class="product__foot">
        <div class="grow"><${StockBar} stock=${offer.stock} /></div>
        ${offer.sale?.state === "open" && html`<${Countdown} until_ms=${offer.sale.ends_at_ms} label=${t("sale.ends_in")} />`}
        ${action}
      </div>
    </div>
  </article>`;
}
