/**
 * A sheet over the page: from below on phones, a panel on desktops. Focus stays inside and goes back where it was;
 * Escape, the scrim, the button and the browser's back close it.
 */

import { html, useEffect, useLayoutEffect, useRef } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";
import { layerHistory } from "./layer_history.js";

const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex]:not([tabindex='-1'])";

/** @param {Element} root @returns {HTMLElement[]} what Tab stops at, in order */
function stops(root) {
  return [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(FOCUSABLE))].filter((one) => one.offsetParent !== null || one === document.activeElement);
}

/** @param {KeyboardEvent} event @param {Element} root */
function keepInside(event, root) {
  const all = stops(root);
  if (!all.length) return event.preventDefault();
  const at = document.activeElement;
  const edge = event.shiftKey ? all[0] : all[all.length - 1];
  if (at !== edge && root.contains(at) && at !== root) return undefined;
  event.preventDefault();
  all[event.shiftKey ? all.length - 1 : 0].focus();
  return undefined;
}

/**
 * @param {{title: string, onClose: () => void, children?: unknown, foot?: unknown, tools?: unknown, clear?: boolean, class?: string, back?: (() => void) | null}} props
 *   tools: beside the button that closes it; clear: leaves the picture above it bright; back: a way back inside the sheet
 */
export function Sheet({ title, onClose, children, foot, tools, clear = false, class: extra = "", back = null }) {
  const { t } = useApp();
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const layer = { close: () => close.current() };
    layerHistory().opened(layer);
    return () => layerHistory().closed(layer);
  }, []);
  useLayoutEffect(() => {
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    box.current?.focus({ preventScroll: true });
    return () => before?.focus?.({ preventScroll: true });
  }, []);
  // A press that changes what is in the sheet takes its button away, and the focus falls out of it.
  useLayoutEffect(() => {
    if (document.activeElement === document.body) box.current?.focus({ preventScroll: true });
  });
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    if (event.key === "Tab" && box.current) keepInside(event, box.current);
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    onClose();
  };
  return html`<div class=${`sheet-layer ${clear ? "sheet-layer--clear" : ""}`} onKeyDown=${onKeyDown}
      onMouseDown=${(/** @type {MouseEvent} */ event) => event.target === event.currentTarget && onClose()}>
    <section class=${`sheet ${extra}`} role="dialog" aria-modal="true" aria-label=${title} tabindex="-1" ref=${box}>
      <header class="sheet__head">
        ${back && html`<${Button} kind="quiet round" label=${t("back")} onClick=${back}><${Icon} name="back" /><//>`}
        <h2 class="sheet__title cut-2">${title}</h2>
        ${tools}
        <${Button} kind="quiet round" label=${t("close")} onClick=${onClose}><${Icon} name="close" /><//>
      </header>
      <div class="sheet__body">${children}</div>
      ${foot && html`<footer class="sheet__foot">${foot}</footer>`}
    </section>
  </div>`;
}
