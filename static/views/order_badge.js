/** An order's state as one word and a colour. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";

/** @type {Record<string, string>} */
const TONES = { paid: "won", fulfilled: "won", refunded: "", pending: "accent", placed: "accent", authorised: "accent", capture_failed: "trouble" };

/** @param {{state: string}} props */
export function OrderBadge({ state }) {
  const { t } = useApp();
  const tone = TONES[state] ?? "";
  return html`<span class=${`badge ${tone ? `badge--${tone}` : ""}`}>${t(`order.state.${state}`)}</span>`;
}
