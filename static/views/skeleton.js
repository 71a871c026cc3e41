/** Grey shapes where content will be, so that nothing jumps when it comes. */

import { html } from "../vendor/preact.js";

/** @param {{width?: string, height?: string, round?: boolean}} props */
export function Skeleton({ width = "100%", height = "1em", round = false }) {
  return html`<span class="skeleton" style=${{ width, height, borderRadius: round ? "999px" : "" }} aria-hidden="true"></span>`;
}

/** @param {{lines?: number, label: string}} props label: what is being loaded, for screen readers */
export function SkeletonLines({ lines = 3, label }) {
  return html`<div class="stack stack--tight" role="status"><span class="unseen">${label}</span>
    ${Array.from({ length: lines }, (_, i) => html`<${Skeleton} width=${`${92 - (i % 3) * 17}%`} />`)}
  </div>`;
}
