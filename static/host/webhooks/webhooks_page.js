/** A shop's webhooks for its owner: the list (`#page=webhooks`), and one of them (`&webhook=…`). */

import { html, useState } from "../../vendor/preact.js";
import { useAccent, useApp, useLoad } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { EmptyState, Failed } from "../../views/empty_state.js";
import { Icon } from "../../views/icon.js";
import { SkeletonLines } from "../../views/skeleton.js";
import { SecretSheet } from "./secret_sheet.js";
import { webhookState } from "./state_words.js";
import { WebhookDetail } from "./webhook_detail.js";
import { WebhookForm } from "./webhook_form.js";

/** @typedef {import("./state_words.js").Webhook} Webhook */
/** @typedef {{webhook: Webhook, secret: string}} Made */

/** @param {{shop: string, webhook: string | null}} props webhook: the one that is looked at */
export function WebhooksPage({ shop, webhook }) {
  const { api } = useApp();
  useAccent(useLoad(() => api.get(`/shops/${shop}`), [shop]).value?.accent);
  return webhook ? html`<${WebhookDetail} key=${webhook} shop=${shop} id=${webhook} />` : html`<${WebhookList} shop=${shop} />`;
}

/** @param {{shop: string}} props */
function WebhookList({ shop }) {
  const { t, api } = useApp();
  const loaded = useLoad(() => api.get(`/shops/${shop}/webhooks`), [shop]);
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState(/** @type {Made | null} */ (null));
  /** @type {Webhook[]} */
  const webhooks = loaded.value?.webhooks ?? [];
  const full = webhooks.length > 0 && webhooks.length >= loaded.value?.limit;
  const body = () => {
    if (!loaded.value) return loaded.error ? html`<${Failed} error=${loaded.error} onAgain=${loaded.again} />` : html`<div class="card"><${SkeletonLines} label=${t("loading")} /></div>`;
    if (!webhooks.length) {
      return html`<div class="card"><${EmptyState} icon="send" title=${t("webhooks.none")} action=${html`<${Button} kind="accent" onClick=${() => setOpen(true)}>${t("webhooks.first")}<//>`}>${t("webhooks.none_hint")}<//></div>`;
    }
    return html`<ul class="rows">${webhooks.map((one) => html`<${WebhookLine} key=${one.id} shop=${shop} webhook=${one} />`)}</ul>`;
  };
  return html`<div class="hooks stack stack--wide">
    <a class="hooks__back link--tap" href=${`#shop=${shop}`}><${Icon} name="back" />${t("webhooks.to_studio")}</a>
    <header class="hooks__head"><h1>${t("webhooks.title")}</h1>
      ${webhooks.length > 0 && html`<${Button} kind="accent" disabled=${full} onClick=${() => setOpen(true)}><${Icon} name="plus" />${t("webhooks.new")}<//>`}
      <p class="quiet">${t("webhooks.intro")}${full && ` ${t("webhooks.full", { count: loaded.value.limit })}`}</p></header>
    ${body()}
    ${open && html`<${WebhookForm} shop=${shop} types=${loaded.value.types} onClose=${() => setOpen(false)}
      onSaved=${(/** @type {Made} */ answer) => { setOpen(false); setMade(answer); loaded.again(); }} />`}
    ${made && html`<${SecretSheet} secret=${made.secret} onClose=${() => { location.hash = `shop=${shop}&page=webhooks&webhook=${made.webhook.id}`; }} />`}
  </div>`;
}

/** @param {{shop: string, webhook: Webhook}} props */
function WebhookLine({ shop, webhook }) {
  const { t } = useApp();
  const [state, tone] = webhookState(webhook);
  const counts = [webhook.failed && t("webhooks.some_failed", { count: webhook.failed }), webhook.waiting && t("webhooks.some_waiting", { count: webhook.waiting })];
  return html`<li><a class="line card" href=${`#shop=${shop}&page=webhooks&webhook=${webhook.id}`}>
    <span class="line__main"><b class="cut-2">${webhook.description || webhook.url}</b>
      ${webhook.description && html`<small class="cut">${webhook.url}</small>`}
      <span class="line__state"><span class=${`badge ${tone && `badge--${tone}`}`}>${t(state)}</span>
        <small>${[t("webhooks.kinds", { count: webhook.types.length }), ...counts].filter(Boolean).join(" · ")}</small></span></span>
    <${Icon} name="arrow" />
  </a></li>`;
}
