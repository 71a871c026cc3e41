/** A shop's or person's picture; without one, the first letter on a colour that is always the same for the name. */

import { html } from "../vendor/preact.js";

/** Grounds on which white letters pass 4.5:1. */
const GROUNDS = ["#8a4b0f", "#8c2f39", "#6b3fa0", "#22577a", "#1f6f50", "#7a3b69", "#4a5d23", "#8a3d1c"];

/** @param {string} name @returns {string} */
export function groundOf(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  return GROUNDS[sum % GROUNDS.length];
}

/** @param {{name: string, picture?: import("../lib/types.js").Picture | null, size?: "small" | "" | "big"}} props */
export function Avatar({ name, picture = null, size = "" }) {
  const letter = [...name.trim()][0] ?? "?";
  return html`<span class=${`avatar ${size ? `avatar--${size}` : ""}`} style=${{ background: groundOf(name) }} aria-hidden="true">
    ${picture ? html`<img src=${picture.url_320} alt="" loading="lazy" />` : letter}
  </span>`;
}
