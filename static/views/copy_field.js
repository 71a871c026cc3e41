/** An address to be copied: it is shown whole, is marked by a press, and a button copies it. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";

const SHOWN_MS = 3_000;

/** @param {{label: string, value: string, kind?: string}} props kind: of the button */
export function CopyField({ label, value, kind = "" }) {
  const { t } = useApp();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return html`<div class="copy">
    <input class="input copy__text" readonly value=${value} aria-label=${label} onFocus=${(/** @type {{currentTarget: HTMLInputElement}} */ { currentTarget }) => currentTarget.select()} />
    <${Button} kind=${kind} onClick=${async () => setCopied(await copyText(value))}><${Icon} name=${copied ? "check" : "copy"} />${t(copied ? "share.copied" : "share.copy")}<//>
    <span class="unseen" role="status">${copied && t("share.copied")}</span>
  </div>`;
}

/**
 * @param {string} text
 * @returns {Promise<boolean>} false where the browser does not let a page copy (the text can still be marked)
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
