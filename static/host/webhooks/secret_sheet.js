/** The signing secret, the one time it can be seen. */

import { html } from "../../vendor/preact.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { Icon } from "../../views/icon.js";
import { Sheet } from "../../views/sheet.js";

/** @param {{secret: string, old_until_ms?: number | null, onClose: () => void}} props old_until_ms: until when an older one signs too */
export function SecretSheet({ secret, old_until_ms = null, onClose }) {
  const { t, i18n, toasts } = useApp();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      toasts.show(t("copied"));
    } catch {
      toasts.show(t("obs.copy_by_hand"));
    }
  };
  const until = old_until_ms === null ? "" : new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium", timeStyle: "short" }).format(old_until_ms);
  return html`<${Sheet} title=${t("webhooks.secret_title")} onClose=${onClose} foot=${html`<${Button} kind="accent wide" onClick=${onClose}>${t("webhooks.secret_done")}<//>`}>
    <div class="stack"><p>${t("webhooks.secret_intro")}</p>
      <div class="obs__line"><code class="hooks__secret">${secret}</code><${Button} kind="quiet round" label=${t("copy")} onClick=${copy}><${Icon} name="copy" /><//></div>
      ${until && html`<p class="notice notice--accent">${t("webhooks.secret_old", { at: until })}</p>`}</div>
  <//>`;
}
