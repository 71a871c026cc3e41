/** The one button of a product: it always says what will happen. */

import { html } from "../../vendor/preact.js";
import { useApp } from "../../views/app.js";
import { useShow } from "../show_context.js";

/**
 * @param {{product: import("../../lib/types.js").Product, offer: import("../../lib/prices/offer.js").Offer, kind?: string}} props
 */
export function BuyButton({ product, offer, kind = "" }) {
  const { t } = useApp();
  const { state, openSheet } = useShow();
  const mine = (state.you?.reservations ?? []).some(({ lines }) => lines.some((line) => line.product === product.id));
  const waits = (state.you?.waits ?? []).some((one) => one.product === product.id);
  const gone = !offer.buyable && !mine && !waits && (!offer.stock || offer.stock.held === 0);
  const place = mine ? null : (state.you?.waits ?? []).find((one) => one.product === product.id);
  const words = mine ? t("buy.go_to_pay") : place ? t("wait.place", { position: place.position }) : gone ? t("stock.sold_out") : offer.buyable ? t("buy.buy") : t("buy.all_held");
  return html`<button type="button" class=${`btn buy ${kind === "accent" && !gone ? "btn--accent" : ""}`} disabled=${gone}
    aria-label=${gone || mine || place ? `${words}: ${product.title}` : t("buy.buy_name", { name: product.title })}
    onClick=${() => openSheet({ kind: "buy", product: product.id })}>${words}</button>`;
}
