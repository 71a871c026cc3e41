/** A product in a list: picture, title, price, stock and one button. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { Picture } from "./picture.js";
import { PriceTag } from "./price_tag.js";
import { StockBar } from "./stock_bar.js";
import { Countdown } from "./countdown.js";
import { Icon } from "./icon.js";

/**
 * @param {{product: import("../lib/types.js").Product, offer: import("../lib/prices/offer.js").Offer, action?: unknown, pinned?: boolean}} props
 */
export function ProductCard({ product, offer, action, pinned = false }) {
  return html`<article class=${`product ${pinned ? "product--pinned" : ""}`} aria-label=${product.title}>
    <div class="product__picture"><${Picture} picture=${product.picture} sizes="72px" /></div>
    <div class="product__body">
      <h3 class="product__title cut-2">${product.title}</h3>
      ${offer.sale && html`<${SaleBadge} sale=${offer.sale} />`}
      <${PriceTag} price_minor=${offer.price_minor} was_minor=${offer.was_minor} currency=${offer.currency} size="small"
        flash=${offer.sale?.state === "open"} from=${offer.from} />
      <div class="product__foot">
        <${StockBar} stock=${offer.stock} short=${true} />
        ${action}
      </div>
    </div>
  </article>`;
}

/** That there is a flash price, and how long still or how soon. @param {{sale: import("../lib/types.js").Sale}} props */
export function SaleBadge({ sale }) {
  const { t } = useApp();
  const open = sale.state === "open";
  return html`<span class=${`badge ${open ? "badge--accent" : ""}`}><${Icon} name="bolt" filled=${true} />${open ? t("flash") : t("flash.soon")}
    <${Countdown} until_ms=${open ? sale.ends_at_ms : sale.starts_at_ms} label=${t(open ? "sale.ends_in" : "sale.starts_in")} icon=${false} urgent_ms=${0} /></span>`;
}
