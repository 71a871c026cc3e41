/** English or 中文, remembered on this device. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";

const NAMES = /** @type {const} */ ([["en", "EN", "English"], ["zh", "中文", "简体中文"]]);

/** No props. */
export function LanguageSwitch() {
  const { i18n, t } = useApp();
  return html`<div class="segments" role="group" aria-label=${t("language")}>
    ${NAMES.map(([code, short, full]) => html`<button type="button" lang=${code === "zh" ? "zh-Hans" : "en"} aria-label=${full}
      aria-pressed=${String(i18n.language === code)} onClick=${() => i18n.choose(code)}>${short}</button>`)}
  </div>`;
}
