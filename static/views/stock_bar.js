/** How much is left of a pool, as a bar and as words. Held units may come back and are striped. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";

/**
 * The words for a pool's stock.
 * @param {import("../lib/words/i18n.js").Translate} t
 * @param {import("../lib/types.js").Stock} stock
 * @param {boolean} [short] for narrow places
 * @returns {string}
 */
export function stockWords(t, stock, short = false) {
  if (stock.available > 0) return t("stock.left", { count: stock.available });
  return stock.held > 0 ? t(short ? "stock.held_short" : "stock.all_held", { count: stock.held }) : t("stock.sold_out");
}

/** @param {{stock: import("../lib/types.js").Stock | null | undefined, words?: boolean, short?: boolean}} props words: also says it */
export function StockBar({ stock, words = true, short = false }) {
  const { t } = useApp();
  if (!stock) return null;
  const total = Math.max(1, stock.total);
  const free = Math.max(0, stock.available / total);
  const kept = Math.min(1, free + stock.held / total);
  return html`<div class="stock">
    <div class="stock__track" role="img" aria-label=${t("stock.bar", { available: stock.available, total: stock.total })}>
      <div class="stock__held" style=${{ transform: `scaleX(${kept})` }}></div>
      <div class="stock__free" style=${{ transform: `scaleX(${free})` }}></div>
    </div>
    ${words && html`<span>${stockWords(t, stock, short)}</span>`}
  </div>`;
}
