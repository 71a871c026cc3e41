/** A price; the old one struck through beside it when this one is lower. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";

/**
 * @param {{price_minor: number, was_minor?: number | null, currency: string, size?: "small" | "" | "big", flash?: boolean, from?: boolean}} props
 *   from: the lowest of several prices
 */
export function PriceTag({ price_minor, was_minor = null, currency, size = "", flash = false, from = false }) {
  const { t, money } = useApp();
  const lower = was_minor !== null && was_minor > price_minor;
  const now = money(price_minor, currency);
  return html`<span class=${`price ${size ? `price--${size}` : ""} ${flash ? "price--flash" : ""}`}>
    <span class="price__now">${lower && html`<span class="unseen">${t("price.now")} </span>`}${from ? t("price.from", { price: now }) : now}</span>
    ${lower && html`<s class="price__was"><span class="unseen">${t("price.was")} </span>${money(was_minor, currency)}</s>`}
  </span>`;
}
