/** One webhook: what it is told, whether that arrives, and what its owner can do about it. */

import { html, useState } from "../../vendor/preact.js";
import { useApp, useLoad } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { Failed } from "../../views/empty_state.js";
import { Icon } from "../../views/icon.js";
import { Sheet } from "../../views/sheet.js";
import { SkeletonLines } from "../../views/skeleton.js";
import { useBusy } from "../../views/use_attempt.js";
import { Deliveries } from "./deliveries.js";
import { SecretSheet } from "./secret_sheet.js";
import { webhookState } from "./state_words.js";
import { WebhookForm } from "./webhook_form.js";

/** @typedef {import("./state_words.js").Webhook} Webhook */
/** @typedef {"edit" | "rotate" | "remove" | {secret: string, old_until_ms: number | null} | null} Open */

/** @param {{shop: string, id: string}} props */
export function WebhookDetail({ shop, id }) {
  const { t, api, toasts } = useApp();
  const path = `/shops/${shop}/webhooks/${id}`;
  const loaded = useLoad(() => api.get(`/shops/${shop}/webhooks`), [shop]);
  const [open, setOpen] = useState(/** @type {Open} */ (null));
  const { busy, run } = useBusy();
  const [round, setRound] = useState(0);
  /** @type {Webhook | undefined} */
  const webhook = loaded.value?.webhooks.find((/** @type {Webhook} */ one) => one.id === id);
  const all = `#shop=${shop}&page=webhooks`;
  /** @param {string} what @param {() => Promise<unknown>} how @param {string} [said] */
  const act = async (what, how, said) => {
    await run(what, async () => {
      await how();
      if (said) toasts.show(said);
    });
    loaded.again();
    setRound((count) => count + 1);
  };
  const test = () => act("test", () => api.post(`${path}/test`, undefined, { key: true }), t("webhooks.test_sent"));
  const flip = (/** @type {boolean} */ enabled) => act("flip", () => api.patch(path, { enabled }), t(enabled ? "webhooks.switched_on" : "webhooks.switched_off"));
  const rotate = () => act("rotate", async () => {
    const made = await api.post(`${path}/secret`, undefined, { key: true });
    setOpen({ secret: made.secret, old_until_ms: made.webhook.old_secret_until_ms });
  });
  const remove = () => act("remove", async () => {
    await api.delete(path);
    location.hash = all.slice(1);
  }, t("webhooks.removed"));
  const failedAgain = () => act("failed", async () => {
    const { count } = await api.post(`${path}/failed/again`, undefined, { key: true });
    toasts.show(t("webhooks.failed_sent_again", { count }));
  });
  const back = html`<a class="hooks__back link--tap" href=${all}><${Icon} name="back" />${t("webhooks.back")}</a>`;
  if (!loaded.value) return html`<div class="hooks stack stack--wide">${back}${loaded.error ? html`<${Failed} error=${loaded.error} onAgain=${loaded.again} />` : html`<div class="card"><${SkeletonLines} label=${t("loading")} /></div>`}</div>`;
  if (!webhook) return html`<div class="hooks stack stack--wide">${back}<p class="notice notice--trouble">${t("error.no_such_webhook")}</p></div>`;
  return html`<div class="hooks stack stack--wide">${back}
    <${Head} webhook=${webhook} />
    <div class="hooks__tools">
      <${Button} kind="accent" busy=${busy === "test"} disabled=${!webhook.enabled} onClick=${test}><${Icon} name="send" />${t("webhooks.test")}<//>
      <${Button} onClick=${() => setOpen("edit")}><${Icon} name="edit" />${t("webhooks.edit")}<//>
      <${Button} onClick=${() => setOpen("rotate")}><${Icon} name="key" />${t("webhooks.rotate")}<//>
      <${Button} busy=${busy === "flip"} onClick=${() => flip(!webhook.enabled)}><${Icon} name=${webhook.enabled ? "pause" : "play"} />${t(webhook.enabled ? "webhooks.switch_off" : "webhooks.switch_on")}<//>
      <${Button} kind="danger" onClick=${() => setOpen("remove")}><${Icon} name="trash" />${t("webhooks.remove")}<//>
    </div>
    <section class="stack" aria-label=${t("webhooks.deliveries")}>
      <header class="home__bar"><h2>${t("webhooks.deliveries")}</h2><small class="quiet">${t("webhooks.deliveries_hint")}</small></header>
      ${webhook.failed > 0 && webhook.enabled && html`<${Button} busy=${busy === "failed"} onClick=${failedAgain}><${Icon} name="refresh" />${t("webhooks.failed_again", { count: webhook.failed })}<//>`}
      <${Deliveries} path=${path} round=${round} enabled=${webhook.enabled} onChanged=${loaded.again} />
    </section>
    ${open === "edit" && html`<${WebhookForm} shop=${shop} types=${loaded.value.types} webhook=${webhook} onClose=${() => setOpen(null)}
      onSaved=${() => { setOpen(null); toasts.show(t("saved")); loaded.again(); }} />`}
    ${open === "rotate" && html`<${Sure} title=${t("webhooks.rotate")} what=${t("webhooks.rotate_what")} yes=${t("webhooks.rotate_sure")} kind="accent wide" busy=${busy === "rotate"} onYes=${rotate} onClose=${() => setOpen(null)} />`}
    ${open === "remove" && html`<${Sure} title=${t("webhooks.remove")} what=${t("webhooks.remove_what")} yes=${t("webhooks.remove_sure")} kind="danger wide" busy=${busy === "remove"} onYes=${remove} onClose=${() => setOpen(null)} />`}
    ${open && typeof open === "object" && html`<${SecretSheet} secret=${open.secret} old_until_ms=${open.old_until_ms} onClose=${() => setOpen(null)} />`}
  </div>`;
}

/** @param {{webhook: Webhook}} props */
function Head({ webhook }) {
  const { t, i18n } = useApp();
  const [state, tone] = webhookState(webhook);
  const when = new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium", timeStyle: "short" });
  const off = webhook.off_reason && t(`webhooks.off_${webhook.off_reason}_hint`);
  const failing = webhook.enabled && webhook.failing_since_ms !== null && t("webhooks.failing_since", { at: when.format(webhook.failing_since_ms) });
  return html`<header class="stack stack--tight">
    <span class="hooks__title"><h1 class="cut-2">${webhook.description || t("webhooks.title")}</h1><span class=${`badge ${tone && `badge--${tone}`}`}>${t(state)}</span></span>
    <code class="hooks__url">${webhook.url}</code>
    <p class="quiet">${webhook.types.map((type) => t(`webhooks.type.${type}`)).join(" · ")}</p>
    ${(off || failing) && html`<p class="notice notice--trouble"><${Icon} name="alert" /><span>${off || failing}</span></p>`}
    ${webhook.old_secret_until_ms !== null && html`<p class="notice notice--accent">${t("webhooks.secret_old", { at: when.format(webhook.old_secret_until_ms) })}</p>`}
  </header>`;
}

/** @param {{title: string, what: string, yes: string, kind: string, busy: boolean, onYes: () => void, onClose: () => void}} props */
function Sure({ title, what, yes, kind, busy, onYes, onClose }) {
  const { t } = useApp();
  return html`<${Sheet} title=${title} onClose=${onClose} foot=${html`<div class="stack stack--tight"><${Button} kind=${kind} busy=${busy} onClick=${onYes}>${yes}<//>
    <${Button} kind="wide" onClick=${onClose}>${t("cancel")}<//></div>`}><p>${what}</p><//>`;
}
