/** A button that can be busy: it keeps its width, says so to screen readers and takes no second press. */

import { html } from "../vendor/preact.js";

/**
 * @param {{kind?: string, busy?: boolean, disabled?: boolean, type?: string, label?: string, onClick?: (event: any) => void,
 *   children?: unknown, class?: string, [other: string]: unknown}} props
 *   kind: classes without their `btn--`, e.g. "accent wide"; label: for buttons that show an icon only
 */
export function Button({ kind = "", busy = false, disabled = false, type = "button", label, onClick, children, class: extra = "", ...rest }) {
  const kinds = kind.split(" ").filter(Boolean).map((one) => `btn--${one}`).join(" ");
  return html`<button ...${rest} type=${type} class=${`btn ${kinds} ${extra}`} aria-label=${label} title=${label}
    aria-busy=${busy ? "true" : null} disabled=${disabled} aria-disabled=${busy ? "true" : null}
    onClick=${(/** @type {Event} */ event) => { if (busy) event.preventDefault(); else onClick?.(event); }}>${children}</button>`;
}
