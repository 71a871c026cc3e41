/** A quantity with minus and plus. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";

/** @param {{value: number, onChange: (value: number) => void, least?: number, most?: number, label: string, disabled?: boolean}} props */
export function Stepper({ value, onChange, least = 1, most = 99, label, disabled = false }) {
  const { t } = useApp();
  return html`<div class="stepper" role="group" aria-label=${label}>
    <${Button} kind="round" label=${t("fewer")} disabled=${disabled || value <= least} onClick=${() => onChange(value - 1)}><${Icon} name="minus" /><//>
    <output aria-live="polite">${value}</output>
    <${Button} kind="round" label=${t("more")} disabled=${disabled || value >= most} onClick=${() => onChange(value + 1)}><${Icon} name="plus" /><//>
  </div>`;
}
