/** What is held, line by line; more, fewer, or given back. */

import { html } from "../../vendor/preact.js";
import { variantOffer } from "../../lib/prices/offer.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { Icon } from "../../views/icon.js";
import { Picture } from "../../views/picture.js";
import { Stepper } from "../../views/stepper.js";
import { useBusy } from "../../views/use_attempt.js";
import { useShow } from "../show_context.js";

const MOST_UNITS = 99;

/** @typedef {import("../../lib/types.js").Reservation} Reservation */
/** @typedef {import("../../lib/types.js").ReservationLine} ReservationLine */

/** @param {{reservations: Reservation[], onChanged: (id: string, next: Reservation | null) => void}} props onChanged: null when nothing is left of it */
export function HeldLines({ reservations, onChanged }) {
  const { counter } = useShow();
  const { busy, run } = useBusy();
  const change = (/** @type {Reservation} */ reservation, /** @type {ReservationLine} */ line, /** @type {number} */ quantity) => run(line.pool, async () => {
    const lastLine = quantity === 0 && reservation.lines.length === 1;
    const next = lastLine ? await counter.release(reservation.id) : await counter.change(reservation.id, line.pool, quantity);
    onChanged(reservation.id, next);
  });
  const swap = (/** @type {Reservation} */ reservation, /** @type {ReservationLine} */ line, /** @type {import("./counter.js").Line} */ to) => run(line.pool, async () => {
    onChanged(reservation.id, await counter.swap(reservation.id, line.pool, to));
  });
  return html`<ul class="stack stack--tight">${reservations.flatMap((reservation) => reservation.lines.map((line) => html`<${HeldLine}
    key=${`${reservation.id} ${line.pool}`} line=${line} currency=${reservation.currency} busy=${busy === line.pool}
    onChange=${(/** @type {number} */ quantity) => change(reservation, line, quantity)}
    onSwap=${(/** @type {import("./counter.js").Line} */ to) => swap(reservation, line, to)} />`))}</ul>`;
}

/** @param {{line: ReservationLine, currency: string, busy: boolean, onChange: (quantity: number) => void, onSwap: (to: import("./counter.js").Line) => void}} props */
function HeldLine({ line, currency, busy, onChange, onSwap }) {
  const { t, money } = useApp();
  const { state } = useShow();
  const product = state.products[line.product];
  const limit = line.sale ? state.sales[line.sale]?.limit || MOST_UNITS : MOST_UNITS;
  const title = product?.title ?? line.title;
  const free = state.stock[line.pool]?.available ?? 0;
  return html`<li class="line">
    <div class="line__picture"><${Picture} picture=${product?.picture} sizes="56px" /></div>
    <div class="line__body">
      <b class="small">${title}</b>
      <${Kind} line=${line} currency=${currency} busy=${busy} onSwap=${onSwap} />
    </div>
    <div class="line__tools">
      ${limit > 1 ? html`<${Stepper} label=${t("buy.quantity")} value=${line.quantity} most=${Math.min(limit, line.quantity + free)} disabled=${busy} onChange=${onChange} />` : html`<span></span>`}
      <b class="figures">${money(line.price_minor * line.quantity, currency)}</b>
    </div>
    <${Button} kind="quiet round" label=${`${t("buy.release")}: ${title}`} busy=${busy} onClick=${() => onChange(0)}><${Icon} name="trash" /><//>
  </li>`;
}

/**
 * Which variant it is, and what one costs; at the ordinary price another one can be taken in its place.
 * @param {{line: ReservationLine, currency: string, busy: boolean, onSwap: (to: import("./counter.js").Line) => void}} props
 */
function Kind({ line, currency, busy, onSwap }) {
  const { t, money, clock } = useApp();
  const { state } = useShow();
  const product = state.products[line.product];
  const price = money(line.price_minor, currency);
  const variants = product?.variants ?? [];
  const held = variants.find(({ id }) => id === line.variant);
  if (variants.length < 2) return html`<span class="tiny quiet figures">${price}</span>`;
  const offers = variants.map((variant) => variantOffer(product, variant, state, clock.now_ms()));
  const others = offers.filter(({ variant, sale, buyable }) => variant?.id === line.variant || (buyable && sale?.state !== "open"));
  if (line.sale || others.length < 2) return html`<span class="tiny quiet figures">${held?.title} · ${price}</span>`;
  const choose = (/** @type {{currentTarget: HTMLSelectElement}} */ event) => {
    const offer = offers.find(({ variant }) => variant?.id === event.currentTarget.value);
    if (offer?.variant) onSwap({ variant: offer.variant.id, sale: null, quantity: line.quantity, price_version: offer.price_version });
  };
  return html`<select class="input line__kind" aria-label=${`${t("buy.variant")}: ${product.title}`} disabled=${busy} onChange=${choose}>
    ${others.map(({ variant, price_minor }) => html`<option value=${variant?.id} selected=${variant?.id === line.variant}>${variant?.title} · ${money(variant?.id === line.variant ? line.price_minor : price_minor, currency)}</option>`)}
  </select>`;
}
