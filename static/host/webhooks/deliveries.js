/** What was sent to a webhook and how that ended, newest first; each can be looked into and sent again. */

import { html, useEffect, useState } from "../../vendor/preact.js";
import { Polling } from "../../lib/server/polling.js";
import { useApp, useLoad } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { EmptyState, Failed } from "../../views/empty_state.js";
import { Icon } from "../../views/icon.js";
import { Sheet } from "../../views/sheet.js";
import { SkeletonLines } from "../../views/skeleton.js";
import { useAttempt } from "../../views/use_attempt.js";
import { answerWords, deliveryState, isUnderWay, prettyJson } from "./state_words.js";

/** @typedef {import("./state_words.js").Delivery} Delivery */

const ASK_EVERY_MS = 1_500;

/**
 * @param {{path: string, round: number, enabled: boolean, onChanged: () => void}} props
 *   path: of the webhook; round: rises when something was sent; onChanged: the webhook's own figures may be others now
 */
export function Deliveries({ path, round, enabled, onChanged }) {
  const { t, api, toasts } = useApp();
  const attempt = useAttempt();
  const loaded = useLoad(() => api.get(`${path}/deliveries`), [path, round]);
  const [older, setOlder] = useState(/** @type {{deliveries: Delivery[], next: string | null} | null} */ (null));
  const [open, setOpen] = useState(/** @type {string | null} */ (null));
  /** @type {Delivery[]} */
  const newest = loaded.value?.deliveries ?? [];
  const moving = isUnderWay(newest, Date.now());
  useEffect(() => {
    const polling = new Polling(async () => {
      const value = await api.get(`${path}/deliveries`).catch(() => null);
      if (value) loaded.set(value);
    }, ASK_EVERY_MS);
    polling.want(moving);
    return () => polling.want(false);
  }, [moving, path]);
  const states = newest.map(({ id, state, tries }) => `${id} ${state} ${tries}`).join();
  useEffect(() => {
    if (states) onChanged();
  }, [states]);
  useEffect(() => setOlder(null), [round]);
  const more = () => attempt(async () => {
    const page = await api.get(`${path}/deliveries?cursor=${encodeURIComponent((older ? older.next : loaded.value.next) ?? "")}`);
    setOlder({ deliveries: [...(older?.deliveries ?? []), ...page.deliveries], next: page.next ?? null });
  });
  /** @param {string} delivery */
  const again = async (delivery) => {
    await attempt(async () => {
      await api.post(`${path}/deliveries/${delivery}/again`, undefined, { key: true });
      toasts.show(t("webhooks.sent_again"));
    });
    setOpen(null);
    setOlder(null);
    loaded.again();
  };
  if (!loaded.value) return loaded.error ? html`<${Failed} error=${loaded.error} onAgain=${loaded.again} />` : html`<div class="card"><${SkeletonLines} label=${t("loading")} /></div>`;
  if (!newest.length) return html`<div class="card"><${EmptyState} icon="send" title=${t("webhooks.nothing_sent")}>${t("webhooks.nothing_sent_hint")}<//></div>`;
  const seen = new Set(newest.map(({ id }) => id));
  const shown = [...newest, ...(older?.deliveries ?? []).filter(({ id }) => !seen.has(id))];
  return html`<ul class="rows">${shown.map((one) => html`<${DeliveryLine} key=${one.id} delivery=${one} onOpen=${setOpen} />`)}</ul>
    ${(older ? older.next : loaded.value.next) && html`<${Button} kind="wide" onClick=${more}>${t("webhooks.older")}<//>`}
    ${open && html`<${DeliverySheet} path=${path} id=${open} enabled=${enabled} onAgain=${again} onClose=${() => setOpen(null)} />`}`;
}

/** @param {{delivery: Delivery, onOpen: (id: string) => void}} props */
function DeliveryLine({ delivery, onOpen }) {
  const { t, i18n } = useApp();
  const [state, tone] = deliveryState(delivery);
  const when = new Intl.DateTimeFormat(i18n.locale, { dateStyle: "short", timeStyle: "medium" });
  const answer = answerWords(delivery);
  // A sentence elsewhere, a part of the line here.
  const words = [answer && t(...answer).replace(/[.。]$/, ""), delivery.tries > 1 && t("webhooks.tries", { count: delivery.tries }),
    delivery.state === "waiting" && delivery.tries > 0 && delivery.next_try_at_ms !== null && t("webhooks.next_try", { at: when.format(delivery.next_try_at_ms) })];
  return html`<li><button type="button" class="line card" onClick=${() => onOpen(delivery.id)}>
    <span class="line__main"><b>${t(`webhooks.type.${delivery.type}`)} <code class="quiet">${delivery.type}</code></b>
      <small>${[when.format(delivery.created_at_ms), ...words].filter(Boolean).join(" · ")}</small></span>
    <span class=${`badge ${tone && `badge--${tone}`}`}>${t(state)}</span>
  </button></li>`;
}

/** @param {{path: string, id: string, enabled: boolean, onAgain: (id: string) => Promise<void>, onClose: () => void}} props */
function DeliverySheet({ path, id, enabled, onAgain, onClose }) {
  const { t, api } = useApp();
  const loaded = useLoad(() => api.get(`${path}/deliveries/${id}`), [path, id]);
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    await onAgain(id);
  };
  /** @type {Delivery | undefined} */
  const delivery = loaded.value?.delivery;
  const [state, tone] = delivery ? deliveryState(delivery) : ["", ""];
  const answer = delivery && answerWords(delivery);
  return html`<${Sheet} title=${t("webhooks.deliveries")} onClose=${onClose}
    foot=${enabled && html`<${Button} kind="accent wide" busy=${busy} disabled=${!delivery} onClick=${send}><${Icon} name="refresh" />${t("webhooks.again")}<//>`}>
    ${!delivery ? (loaded.error ? html`<${Failed} error=${loaded.error} onAgain=${loaded.again} />` : html`<${SkeletonLines} label=${t("loading")} />`) : html`<div class="stack">
      <p class="line__state"><span class=${`badge ${tone && `badge--${tone}`}`}>${t(state)}</span><span>${answer ? t(...answer) : ""}</span></p>
      <p class="small quiet">${t("webhooks.event_id")}: <code>${delivery.event}</code></p>
      <h3>${t("webhooks.body")}</h3><pre class="hooks__code" tabindex="0">${prettyJson(loaded.value.body)}</pre>
      <h3>${t("webhooks.answer")}</h3>${loaded.value.answer ? html`<pre class="hooks__code" tabindex="0">${loaded.value.answer}</pre>` : html`<p class="quiet">${t("webhooks.no_answer")}</p>`}
    </div>`}
  <//>`;
}
