/** What is held for this person in this shop, what waits for payment, and the way to pay. */

import { html } from "../../vendor/preact.js";
import { formatTime } from "../../lib/clock.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { Countdown } from "../../views/countdown.js";
import { EmptyState } from "../../views/empty_state.js";
import { Icon } from "../../views/icon.js";
import { Sheet } from "../../views/sheet.js";
import { useShow } from "../show_context.js";
import { heldUntil_ms, totalOf_minor } from "./flow.js";
import { HeldLines } from "./held_lines.js";

/** No props. */
export function BagSheet() {
  const { t } = useApp();
  const { state, openSheet } = useShow();
  const open = (state.you?.reservations ?? []).filter((one) => one.state === "open");
  const pending = state.you?.orders_pending ?? [];
  return html`<${Sheet} title=${t("bag.title")} clear=${true} onClose=${() => openSheet(null)}>
    <div class="stack stack--wide">
      ${open.length > 0 && html`<${Held} reservations=${open} />`}
      ${pending.length > 0 && html`<section class="stack stack--tight"><h3>${t("bag.waiting")}</h3>${pending.map((order) => html`<${Pending} key=${order.id} order=${order} />`)}</section>`}
      ${!open.length && !pending.length && html`<${EmptyState} icon="bag" title=${t("bag.empty")}
        action=${html`<${Button} kind="accent" onClick=${() => openSheet({ kind: "products" })}>${t("buy.see_products")}<//>`}>${t("bag.empty_next")}<//>`}
      <a class="btn btn--wide" href="/account#orders" target="_blank"><${Icon} name="box" />${t("nav.orders")}</a>
    </div>
  <//>`;
}

/** @param {{reservations: import("../../lib/types.js").Reservation[]}} props */
function Held({ reservations }) {
  const { t, i18n, money } = useApp();
  const { openSheet } = useShow();
  const until_ms = heldUntil_ms(reservations);
  const total = money(totalOf_minor(reservations), reservations[0].currency);
  return html`<section class="stack">
    <p class="held"><span>${t("buy.held_until", { time: formatTime(until_ms, i18n.locale) })}</span><${Countdown} until_ms=${until_ms} urgent_ms=${60_000} /></p>
    <${HeldLines} reservations=${reservations} onChanged=${() => {}} />
    <${Button} kind="accent wide tall" onClick=${() => openSheet({ kind: "pay", reservations: reservations.map(({ id }) => id) })}>${t(reservations.flatMap(({ lines }) => lines).length > 1 ? "bag.pay" : "buy.pay", { total })}<//>
  </section>`;
}

/** @param {{order: import("../../lib/types.js").Order}} props */
function Pending({ order }) {
  const { t, money } = useApp();
  const { openSheet } = useShow();
  return html`<button type="button" class="card card--flat pending" onClick=${() => openSheet({ kind: "order", order: order.id })}>
    <span class="grow"><b class="small">${t("order.title", { number: order.number })}</b><span class="tiny quiet cut">${order.lines.map((line) => line.title).join(", ")}</span></span>
    <span class="figures"><b>${money(order.total_minor, order.currency)}</b></span>
    ${order.deadline_ms && html`<${Countdown} until_ms=${order.deadline_ms} urgent_ms=${60_000} />`}
  </button>`;
}
