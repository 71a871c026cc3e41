/** What is held, line by line; more, fewer, or given back. */

import { html, useState } from "../../vendor/preact.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { Icon } from "../../views/icon.js";
import { Picture } from "../../views/picture.js";
import { Stepper } from "../../views/stepper.js";
import { useShow } from "../show_context.js";

const MOST_UNITS = 99;

/** @typedef {import("../../lib/types.js").Reservation} Reservation */
/** @typedef {import("../../lib/types.js").ReservationLine} ReservationLine */

/** @param {{reservations: Reservation[], onChanged: (next: Reservation[]) => void}} props */
export function HeldLines({ reservations, onChanged }) {
  const { errorText, toasts } = useApp();
  const { counter } = useShow();
  const [busy, setBusy] = useState("");
  const change = async (/** @type {Reservation} */ reservation, /** @type {ReservationLine} */ line, /** @type {number} */ quantity) => {
    setBusy(line.pool);
    try {
      const lastLine = quantity === 0 && reservation.lines.length === 1;
      const next = lastLine ? await counter.release(reservation.id) : await counter.change(reservation.id, line.pool, quantity);
      onChanged(reservations.flatMap((one) => one.id !== reservation.id ? [one] : next?.state === "open" && next.lines.length ? [next] : []));
    } catch (error) {
      toasts.trouble(errorText(error));
    } finally {
      setBusy("");
    }
  };
  return html`<ul class="stack stack--tight">${reservations.flatMap((reservation) => reservation.lines.map((line) => html`<${HeldLine}
    key=${`${reservation.id} ${line.pool}`} line=${line} currency=${reservation.currency} busy=${busy === line.pool}
    onChange=${(/** @type {number} */ quantity) => change(reservation, line, quantity)} />`))}</ul>`;
}

/** @param {{line: ReservationLine, currency: string, busy: boolean, onChange: (quantity: number) => void}} props */
function HeldLine({ line, currency, busy, onChange }) {
  const { t, money } = useApp();
  const { state } = useShow();
  const product = state.products[line.product];
  const variant = product?.variants.find(({ id }) => id === line.variant);
  const limit = line.sale ? state.sales[line.sale]?.limit || MOST_UNITS : MOST_UNITS;
  const title = product?.title ?? line.title;
  const free = state.stock[line.pool]?.available ?? 0;
  return html`<li class="line">
    <div class="line__picture"><${Picture} picture=${product?.picture} sizes="56px" /></div>
    <div class="line__body">
      <b class="small">${title}</b>
      <span class="tiny quiet figures">${[product && product.variants.length > 1 ? variant?.title : null, money(line.price_minor, currency)].filter(Boolean).join(" · ")}</span>
    </div>
    <div class="line__tools">
      ${limit > 1 ? html`<${Stepper} label=${t("buy.quantity")} value=${line.quantity} most=${Math.min(limit, line.quantity + free)} disabled=${busy} onChange=${onChange} />` : html`<span></span>`}
      <b class="figures">${money(line.price_minor * line.quantity, currency)}</b>
    </div>
    <${Button} kind="quiet round" label=${`${t("buy.release")}: ${title}`} busy=${busy} onClick=${() => onChange(0)}><${Icon} name="trash" /><//>
  </li>`;
}
