/** The heart button with its count. */

import { html } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Icon } from "../views/icon.js";

/** @param {{onHeart: () => void, label: string, likes: number, extra?: string}} props */
export function HeartFace({ onHeart, label, likes, extra = "" }) {
  const { i18n, t } = useApp();
  const short = new Intl.NumberFormat(i18n.locale, { notation: likes > 9_999 ? "compact" : "standard", maximumFractionDigits: 1 }).format(likes);
  return html`<button type="button" class=${`heart ${extra}`} onClick=${onHeart} aria-label=${`${label}. ${t("like.count", { count: likes })}`}>
    <${Icon} name="heart" filled=${true} />${likes > 0 && html`<span class="heart__count figures" aria-hidden="true">${short}</span>`}
  </button>`;
}
