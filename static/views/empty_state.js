/** Nothing here, and what to do about it. Also the calm screen of an error. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";

/** @param {{icon?: string, title: string, children?: unknown, action?: unknown}} props */
export function EmptyState({ icon = "box", title, children, action }) {
  return html`<div class="empty">
    <span class="empty__icon"><${Icon} name=${icon} /></span>
    <h2 class="empty__title">${title}</h2>
    ${children && html`<p>${children}</p>`}
    ${action}
  </div>`;
}

/** What could not be loaded, and the way to try again. @param {{error: unknown, onAgain: () => void}} props */
export function Failed({ error, onAgain }) {
  const { t, errorText } = useApp();
  const { code } = /** @type {{code?: string}} */ (error);
  return html`<${EmptyState} icon=${code === "offline" ? "wifi_off" : "alert"} title=${errorText(error)}
    action=${html`<${Button} kind="accent" onClick=${onAgain}>${t("again")}<//>`} />`;
}
