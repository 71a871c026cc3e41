/** Orders as they come, and what moderators, the server and the clock did. */

import { html } from "../vendor/preact.js";
import { buyerName } from "../lib/words/buyer_name.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { CLOCK } from "./comments_pane.js";
import { spanKey, undoable } from "./moderation.js";

const CAN_END = new Set(["slow_mode", "shield"]);

/**
 * One action in words.
 * @param {import("../lib/words/i18n.js").Translate} t
 * @param {{action: string, actor: string | null, actor_name?: string, person_name?: string, target?: string | null, seconds?: number | null, expires_at_ms?: number | null}} one
 * @returns {string}
 */
export function actionWords(t, one) {
  const actor = one.actor_name || t(one.actor === "system" ? "control.system" : "control.a_moderator");
  const span = one.seconds ? t(spanKey(one.seconds), { seconds: one.seconds }) : "";
  const ends = (CAN_END.has(one.action) && !one.seconds && !one.expires_at_ms) || (one.action === "show_question" && one.target === null);
  const nobody = one.action === "undo" && !one.person_name;
  const key = `control.event.${one.action}${ends ? "_off" : nobody ? "_of_nobody" : ""}`;
  const known = t(key) !== key; // a newer server may do more than this page has words for
  return t(known ? key : "control.event.other", { actor, target: one.person_name || t("control.somebody"), seconds: one.seconds ?? 0, span });
}

/**
 * @param {import("../lib/words/i18n.js").Translate} t @param {import("../lib/types.js").Fact} fact @param {import("./names.js").Names} names
 * @returns {string}
 */
function eventWords(t, fact, names) {
  if (fact.kind === "payment_failed") return t("control.payment_failed");
  const person_name = names.of(fact.target) ?? names.of(fact.detail?.person) ?? "";
  return actionWords(t, { action: fact.action, target: fact.target, actor: fact.actor, actor_name: names.of(fact.actor) ?? "", person_name, seconds: fact.seconds, expires_at_ms: fact.expires_at_ms });
}

/**
 * What the record knows from before this page was opened: what the room itself has told is left to it. Pure.
 * @template {{action_id: string | null, at_ms: number}} T
 * @param {readonly T[]} recorded newest first
 * @param {readonly import("../lib/types.js").Fact[]} told
 * @returns {T[]}
 */
export function before(recorded, told) {
  const known = new Set(told.map(({ action_id }) => action_id));
  const first_ms = told.reduce((least, { at_ms }) => Math.min(least, at_ms), Infinity);
  return recorded.filter(({ action_id, at_ms }) => at_ms <= first_ms && !(action_id && known.has(action_id)));
}

/**
 * @param {{show: import("../lib/types.js").Show, state: import("../lib/room/room_state.js").RoomState, names: import("./names.js").Names, undoAction: (id: string) => Promise<void>}} props
 */
export function EventsPane({ show, state, names, undoAction }) {
  const { t, api, i18n, clock } = useApp();
  const when = new Intl.DateTimeFormat(i18n.locale, CLOCK);
  const events = [...state.moderation].reverse();
  /** @type {ReturnType<typeof useLoad<{actions: any[]}>>} */
  const record = useLoad(() => api.get(`/shows/${show.id}/moderation`), [show.id]);
  const earlier = before(record.value?.actions ?? [], events);
  return html`<div class="log-tab">
    <${OrderLog} show=${show} state=${state} />
    <h2>${t("control.events")}</h2>
    ${events.length || earlier.length
      ? html`<ol class="events">${events.map((fact) => html`<li key=${fact.seq}><time>${when.format(fact.at_ms)}</time>
        <span>${eventWords(t, fact, names)}</span>
        ${undoable(events, fact, clock.now_ms()) && html`<${Button} kind="quiet small" onClick=${() => undoAction(fact.action_id)}>${t("control.undo")}<//>`}</li>`)}
        ${earlier.map((one) => html`<li key=${`${one.at_ms} ${one.action_id}`}><time>${when.format(one.at_ms)}</time><span>${actionWords(t, one)}</span>
        ${!one.undone_by && undoable(events, { ...one, kind: "moderation" }, clock.now_ms()) && html`<${Button} kind="quiet small" onClick=${() => undoAction(one.action_id)}>${t("control.undo")}<//>`}</li>`)}</ol>`
      : html`<${EmptyState} icon="list" title=${t("control.no_events")} />`}
  </div>`;
}

/** The last orders, the newest first; they say no amounts. @param {{show: import("../lib/types.js").Show, state: import("../lib/room/room_state.js").RoomState}} props */
export function OrderLog({ show, state }) {
  const { t, i18n } = useApp();
  const when = new Intl.DateTimeFormat(i18n.locale, CLOCK);
  const orders = [...state.orders].reverse();
  return html`<h2>${t("room.orders")}</h2>
    ${orders.length
      ? html`<ol class="events">${orders.map((order) => html`<li key=${order.order_ref}><time>${when.format(order.at_ms)}</time>
        <span>${t("room.bought", { name: buyerName(t, order.name), count: order.quantity, product: state.products[order.product]?.title ?? show.title })}</span></li>`)}</ol>`
      : html`<${EmptyState} icon="bag" title=${t("control.no_orders")} />`}`;
}
