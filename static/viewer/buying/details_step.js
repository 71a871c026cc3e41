/** What is held, until when, where it goes and how, what it comes to, who sells it; then Pay. */

import { html, useEffect, useRef } from "../../vendor/preact.js";
import { formatTime } from "../../lib/clock.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { Countdown } from "../../views/countdown.js";
import { Field } from "../../views/field.js";
import { Icon } from "../../views/icon.js";
import { SellerCard } from "../about_sheet.js";
import { useShow } from "../show_context.js";
import { AddressForm, AddressText } from "./address_form.js";
import { heldUntil_ms, totalOf_minor } from "./flow.js";
import { HeldLines } from "./held_lines.js";
import { PaymentChoice } from "./payment_choice.js";
import { ShippingChoice, Sums } from "./shipping_choice.js";
import { usePaying } from "./use_paying.js";

const URGENT_MS = 60_000;

/** @typedef {import("../../lib/types.js").Reservation} Reservation */
/** @typedef {{currentTarget: HTMLInputElement}} Ticked */

/**
 * @param {{reservations: Reservation[], onChanged: (id: string, next: Reservation | null) => void,
 *   onOrder: (order: import("../../lib/types.js").Order, pay_url: string | null) => void, onOver: (how: "too_late" | "released") => void}} props
 */
export function DetailsStep({ reservations, onChanged, onOrder, onOver }) {
  const { t, money, i18n } = useApp();
  const { shop, openSheet } = useShow();
  const form = usePaying(reservations, onOrder, onOver);
  const until_ms = heldUntil_ms(reservations);
  const { quote } = form;
  const { currency, draft } = reservations[0];
  const total = quote ? money(quote.total_minor, quote.currency) : money(totalOf_minor(reservations), currency);
  return html`<form class="stack" onSubmit=${form.submit} novalidate>
    ${draft ? html`<p class="notice notice--accent">${t("buy.pay_first")}</p>` : html`<p class="held held--above"><span>${t("buy.held_until", { time: formatTime(until_ms, i18n.locale) })}</span>
      <${Countdown} until_ms=${until_ms} urgent_ms=${URGENT_MS} onEnd=${() => onOver("too_late")} /></p>
    <${HeldLines} reservations=${reservations} onChanged=${onChanged} />
    <${Button} kind="small quiet" class="more" onClick=${() => openSheet({ kind: "products" })}><${Icon} name="plus" />${t("bag.more")}<//>`}
    ${form.editing
      ? html`<${AddressForm} details=${form.details} onChange=${form.change} errors=${form.errors} pickup=${form.pickup} />`
      : html`<section class="card card--flat row row--spread saved"><div><b class="small">${t(form.pickup ? "buy.picked_up_by" : "buy.send_to")}</b><${AddressText} details=${form.details} pickup=${form.pickup} /></div>
          <span class="saved__tools"><${Button} kind="small" onClick=${form.edit}>${t("buy.change")}<//>${form.remembered && html`<${Button} kind="small quiet" onClick=${form.forget}>${t("saved.forget_me")}<//>`}</span></section>`}
    ${quote && html`<${ShippingChoice} quote=${quote} wanted=${form.shipping} onChoose=${form.setShipping} />`}
    <${PaymentChoice} options=${form.options} chosen=${form.option} onChoose=${form.setPayment} />
    <div class="stack stack--tight">
      ${(form.editing || !form.option?.means) && html`<label class="check"><input type="checkbox" name="save" checked=${form.save} onChange=${(/** @type {Ticked} */ event) => form.setSave(event.currentTarget.checked)} />
        <span class="small">${t("buy.save")}</span></label>`}
      <label class="check"><input type="checkbox" checked=${form.announce} onChange=${(/** @type {Ticked} */ event) => form.setAnnounce(event.currentTarget.checked)} />
        <span class="small">${t("buy.announce")}</span></label>
    </div>
    ${form.announce && !form.named && html`<${RoomName} form=${form} />`}
    <${SellerCard} shop=${shop} />
    ${form.problem && html`<${Problem} text=${form.problem} />`}
    <div class="step-foot">
      ${quote && html`<${Sums} of=${quote} />`}
      <${Button} kind="accent wide tall" type="submit" busy=${form.busy || !form.fresh}>${t("buy.pay", { total })}<//>
    </div>
  </form>`;
}

/** What is wrong with none of the fields; it comes into view when it is said. @param {{text: string}} props */
function Problem({ text }) {
  const notice = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => notice.current?.scrollIntoView({ block: "nearest" }), [text]);
  return html`<p class="notice notice--trouble" role="alert" ref=${notice}>${text}</p>`;
}

/** A guest may say what they are called when the room hears of it. @param {{form: ReturnType<typeof usePaying>}} props */
function RoomName({ form }) {
  const { t } = useApp();
  return html`<div class="stack stack--tight"><${Field} name="room-name" label=${t("name.label")} hint=${t("name.why_buy")} placeholder=${t("name.placeholder")} optional=${true}
      maxlength="40" autocomplete="nickname" value=${form.roomName} error=${form.errors.room_name ?? null} onInput=${form.setRoomName} />
    <a class="small address__account" href=${`/account#next=${encodeURIComponent(location.pathname)}`} target="_blank">${t("name.or_sign_in")}</a></div>`;
}
