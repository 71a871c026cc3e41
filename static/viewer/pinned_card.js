/** The product the host shows right now: the loudest thing on the picture. */

import { html } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { productOffer } from "../lib/prices/offer.js";
import { Countdown } from "../views/countdown.js";
import { Picture } from "../views/picture.js";
import { PriceTag } from "../views/price_tag.js";
import { SaleBadge } from "../views/product_card.js";
import { StockBar } from "../views/stock_bar.js";
import { BuyButton } from "./buying/buy_button.js";
import { useShow } from "./show_context.js";

/** No props. */
export function PinnedCard() {
  const { t, clock } = useApp();
  const { state } = useShow();
  const product = state.pinned ? state.products[state.pinned] : null;
  if (!product) return null;
  const offer = productOffer(product, state, clock.now_ms());
  const { sale } = offer;
  const open = sale?.state === "open";
  return html`<section class="pinned" key=${product.id} aria-label=${`${t("show.on_screen")}: ${product.title}`}>
    <div class="pinned__picture"><${Picture} picture=${product.picture} sizes="72px" eager=${true} /></div>
    <div class="pinned__body">
      <div class="row">
        <h2 class="pinned__title cut">${product.title}</h2>
        ${open && html`<span class="badge badge--accent pinned__flash">${t("flash")}</span>`}
        ${open && html`<${Countdown} until_ms=${sale.ends_at_ms} label=${t("sale.ends_in")} icon=${false} />`}
        ${sale?.state === "scheduled" && html`<${SaleBadge} sale=${sale} />`}
      </div>
      <div class="pinned__offer">
        <div class="pinned__facts">
          <${PriceTag} price_minor=${offer.price_minor} was_minor=${offer.was_minor} currency=${offer.currency} flash=${open} from=${offer.from} />
          <${StockBar} stock=${offer.stock} />
        </div>
        <${BuyButton} product=${product} offer=${offer} kind="accent" />
      </div>
    </div>
  </section>`;
}
