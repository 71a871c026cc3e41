/** Orders as they come, and what moderators and the clock did. */

import { html } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { EmptyState } from "../views/empty_state.js";

/** @param {{show: import("../lib/types.js").Show, state: import("../lib/room_state.js").RoomState, moderation: import("./moderation.js").Moderation}} props */
export function EventsPane({ show, state }) {
  const { t, i18n } = useApp();
  const when = new Intl.DateTimeFormat(i18n.locale, { timeStyle: "medium" });
  const orders = [...state.orders].reverse();
  const events = [...state.moderation].reverse();
  return html`<section class="control__pane" aria-label=${t("control.events")}>
    <h2>${t("bar.orders")}</h2>
    ${orders.length
      ? html`<ol class="events">${orders.map((order) => html`<li key=${order.order_ref}><time>${when.format(order.at_ms)}</time>
        <span>${t("room.bought", { name: order.name, count: order.quantity, product: state.products[order.product]?.title ?? show.title })}</span></li>`)}</ol>`
      : html`<${EmptyState} icon="bag" title=${t("control.no_orders")} />`}
    <h2>${t("control.events")}</h2>
    ${events.length
      ? html`<ol class="events">${events.map((fact) => html`<li key=${fact.seq}><time>${when.format(fact.at_ms)}</time>
        <span>${fact.kind === "payment_failed" ? t("control.payment_failed") : t(`control.event.${fact.action}`, { actor: fact.actor_name ?? fact.actor, target: fact.target_name ?? fact.target ?? "" })}</span></li>`)}</ol>`
      : html`<${EmptyState} icon="list" title=${t("control.no_events")} />`}
  </section>`;
}
