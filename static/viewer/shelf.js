/** The products of the show: a column on desktops, a sheet on phones. */

import { html } from "../vendor/preact.js";
import { productOffer } from "../lib/prices/offer.js";
import { useApp } from "../views/app.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { ProductCard } from "../views/product_card.js";
import { Sheet } from "../views/sheet.js";
import { LanguageSwitch } from "../views/language_switch.js";
import { Mark } from "../views/top_bar.js";
import { BuyButton } from "./buying/buy_button.js";
import { useShow } from "./show_context.js";

/** No props. */
export function ProductList() {
  const { t, clock } = useApp();
  const { state } = useShow();
  const products = state.run_of_show.map((id) => state.products[id]).filter(Boolean);
  if (!products.length) return html`<${EmptyState} icon="tag" title=${t("show.no_products")}>${t("show.no_products_next")}<//>`;
  const now_ms = clock.now_ms();
  return html`<ul class="stack stack--tight">${products.map((product) => {
    const offer = productOffer(product, state, now_ms);
    const pinned = product.id === state.pinned;
    return html`<li key=${product.id}>
      ${pinned && html`<p class="shelf__now tiny"><${Icon} name="pin" />${t("show.on_screen")}</p>`}
      <${ProductCard} product=${product} offer=${offer} pinned=${pinned}
        action=${html`<${BuyButton} product=${product} offer=${offer} kind=${pinned ? "accent" : ""} />`} />
    </li>`;
  })}</ul>`;
}

/** The left column. No props. */
export function Shelf() {
  const { t } = useApp();
  const { openSheet } = useShow();
  return html`<aside class="shelf" aria-label=${t("show.run_of_show")}>
    <div class="shelf__head">
      <a class="topbar__brand" href="/" aria-label=${`liveshop: ${t("nav.lobby")}`}><${Mark} /><span>liveshop</span></a>
      <${LanguageSwitch} />
    </div>
    <div class="shelf__list"><h2 class="shelf__title">${t("show.run_of_show")}</h2><${ProductList} /></div>
    <div class="shelf__foot"><${BagButton} wide=${true} onOpen=${() => openSheet({ kind: "bag" })} /></div>
  </aside>`;
}

/** @param {{onOpen: () => void, wide?: boolean}} props */
export function BagButton({ onOpen, wide = false }) {
  const { t } = useApp();
  const { state } = useShow();
  const held = (state.you?.reservations ?? []).reduce((sum, { lines }) => sum + lines.reduce((units, { quantity }) => units + quantity, 0), 0);
  const label = t("bag.label", { count: held });
  if (wide) {
    return html`<button type="button" class="btn btn--wide" aria-label=${label} onClick=${onOpen}><${Icon} name="bag" />${t("bag.title")}
      ${held > 0 && html`<span class="badge badge--accent badge--count figures">${held}</span>`}</button>`;
  }
  return html`<button type="button" class="tool" aria-label=${label} title=${t("bag.title")} onClick=${onOpen}><${Icon} name="bag" />
    ${held > 0 && html`<span class="badge badge--accent badge--count tool__count figures">${held}</span>`}</button>`;
}

/** The same list as a sheet. No props. */
export function ProductsSheet() {
  const { t } = useApp();
  const { openSheet } = useShow();
  return html`<${Sheet} title=${t("show.products")} clear=${true} onClose=${() => openSheet(null)}><${ProductList} /><//>`;
}
