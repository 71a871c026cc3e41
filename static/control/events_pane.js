/** Orders as they come, and what moderators and the clock did. */

import { html } from "../vendor/preact.js";
import { buyerName } from "../lib/buyer_name.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { CLOCK } from "./comments_pane.js";
import { liftable, spanKey } from "./moderation.js";

const ACTIONS = new Set(["delete", "timeout", "ban", "unban"]);

/**
 * @param {import("../lib/i18n.js").Translate} t @param {import("../lib/types.js").Fact} fact @param {import("./names.js").Names} names
 * @returns {string}
 */
function eventWords(t, fact, names) {
  if (fact.kind === "payment_failed") return t("control.payment_failed");
  const actor = names.of(fact.actor) ?? t("control.a_moderator");
  if (fact.action === "slow_mode") return t(fact.seconds ? "control.event.slow_mode" : "control.event.slow_mode_off", { actor, seconds: fact.seconds });
  return t(`control.event.${ACTIONS.has(fact.action) ? fact.action : "other"}`, { actor, target: names.of(fact.target) ?? t("control.somebody"), span: fact.seconds ? t(spanKey(fact.seconds), { seconds: fact.seconds }) : "" });
}

/**
 * @param {{show: import("../lib/types.js").Show, state: import("../lib/room_state.js").RoomState, names: import("./names.js").Names,
 *   moderation: import("./moderation.js").Moderation}} props
 */
export function EventsPane({ show, state, names, moderation }) {
  const { t, i18n, toasts, errorText, clock } = useApp();
  const when = new Intl.DateTimeFormat(i18n.locale, CLOCK);
  const orders = [...state.orders].reverse();
  const events = [...state.moderation].reverse();
  return html`<section class="control__pane" aria-label=${t("control.events")}>
    <h2>${t("room.orders")}</h2>
    ${orders.length
      ? html`<ol class="events">${orders.map((order) => html`<li key=${order.order_ref}><time>${when.format(order.at_ms)}</time>
        <span>${t("room.bought", { name: buyerName(t, order.name), count: order.quantity, product: state.products[order.product]?.title ?? show.title })}</span></li>`)}</ol>`
      : html`<${EmptyState} icon="bag" title=${t("control.no_orders")} />`}
    <h2>${t("control.events")}</h2>
    ${events.length
      ? html`<ol class="events">${events.map((fact) => html`<li key=${fact.seq}><time>${when.format(fact.at_ms)}</time>
        <span>${eventWords(t, fact, names)}</span>
        ${liftable(events, fact, clock.now_ms()) && html`<${Button} kind="quiet small" onClick=${() => moderation.unban({ person: fact.target, name: names.of(fact.target) ?? t("control.somebody") }).catch((error) => toasts.trouble(errorText(error)))}>${t("control.lift")}<//>`}</li>`)}</ol>`
      : html`<${EmptyState} icon="list" title=${t("control.no_events")} />`}
  </section>`;
}
