/** The calm screen at each end of a purchase: what happened, what it cost, what comes next. */

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { formatTime } from "../../lib/clock.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { Countdown } from "../../views/countdown.js";
import { Icon } from "../../views/icon.js";
import { useAttempt } from "../../views/use_attempt.js";
import { useShow } from "../show_context.js";
import { PaymentTab } from "./payment_tab.js";
import { Sums } from "./shipping_choice.js";

/** @typedef {import("../../lib/types.js").Order} Order */

/** Icon and colour of each end. @type {Record<string, [icon: string, tone: string]>} */
const FACES = {
  paid: ["check", "won"], placed: ["check", "won"], confirming: ["busy", ""], declined: ["alert", "trouble"], timed_out: ["clock", "trouble"],
  too_late: ["clock", ""], given_back: ["undo", "trouble"], cancelled: ["undo", ""], released: ["undo", ""], capture_failed: ["alert", "trouble"],
};

/**
 * @param {{kind: string, order?: Order | null, onAgain?: (() => void) | null, onOrder?: (order: Order, pay_url: string | null) => void}} props
 */
export function Ending({ kind, order = null, onAgain = null, onOrder }) {
  const { t } = useApp();
  const { openSheet, phase, buyer } = useShow();
  // What was remembered with this order fills in the next one.
  useEffect(() => {
    if (kind === "paid" || kind === "placed") buyer.again();
  }, [kind]);
  const [icon, tone] = FACES[kind] ?? FACES.too_late;
  const key = kind === "released" ? "cancelled" : kind;
  const facts = { number: order?.number ?? "", email: kind === "paid" ? order?.contact?.email ?? "" : order?.shop.contact_email ?? "" };
  // The room's own word of an order carries no address.
  const text = t(kind === "paid" && !facts.email ? "buy.paid_by_mail" : `buy.${key}_next`, facts);
  // Who gave up on purpose wants to go on watching; who was stopped wants the thing.
  const given_up = kind === "cancelled" || kind === "released";
  const again = onAgain && (given_up || kind === "capture_failed" || kind === "too_late" || kind === "given_back")
    ? html`<${Button} kind=${given_up ? "quiet wide" : "accent wide tall"} onClick=${onAgain}>${t("again")}<//>` : null;
  const done = html`<${Button} kind=${kind === "paid" || kind === "placed" || given_up ? "accent wide tall" : "quiet wide"} onClick=${() => openSheet(null)}>${t(phase === "live" ? "buy.go_on" : "close")}<//>`;
  return html`<${EndScreen} icon=${icon} tone=${tone} title=${t(kind === "released" ? "buy.released_title" : `buy.${key}`)} text=${text}>
    ${(kind === "declined" || kind === "timed_out") && order && onOrder && html`<${PayAgain} order=${order} onOrder=${onOrder} />`}
    ${kind === "placed" && order?.payment?.instructions && html`<p class="ending__how">${order.payment.instructions}</p>`}
    ${(kind === "paid" || kind === "placed") && order && html`<${OrderLines} order=${order} />`}
    ${given_up ? [done, again] : [again, done]}
    ${(kind === "paid" || kind === "placed") && order && html`<a class="btn btn--quiet btn--wide" href=${`/orders/${order.id}`} target="_blank">${t("buy.see_order")}</a>`}
  <//>`;
}

/**
 * @param {{icon: string, tone?: string, title: string, text: string, children?: unknown}} props icon: "busy" is a ring that turns
 */
export function EndScreen({ icon, tone = "", title, text, children }) {
  const head = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => head.current?.focus(), [title]);
  return html`<section class="ending">
    ${icon === "busy" ? html`<span class="ending__ring" aria-hidden="true"></span>` : html`<span class=${`ending__icon ending__icon--${tone || "plain"}`}><${Icon} name=${icon} /></span>`}
    <h3 class="ending__title" tabindex="-1" ref=${head} role="status">${title}</h3>
    <p class="quiet">${text}</p>
    <div class="ending__next">${children}</div>
  </section>`;
}

/** @param {{order: Order}} props */
function OrderLines({ order }) {
  const { money } = useApp();
  return html`<div class="ending__lines"><ul>${order.lines.map((line) => html`<li class="row row--spread small"><span class="cut">${line.quantity} × ${line.title}</span>
    <span class="figures">${money(line.line_total_minor, order.currency)}</span></li>`)}</ul>
    <div class="ending__total"><${Sums} of=${order} /></div></div>`;
}

/** Within the hold, another try. @param {{order: Order, onOrder: (order: Order, pay_url: string | null) => void}} props */
function PayAgain({ order, onOrder }) {
  const { t, i18n, money } = useApp();
  const attempt = useAttempt();
  const { counter } = useShow();
  const [busy, setBusy] = useState(false);
  const again = async () => {
    const tab = new PaymentTab();
    tab.open();
    setBusy(true);
    const went = await attempt(async () => {
      const answer = await counter.payAgain(order.id);
      if (answer.pay_url) tab.go(answer.pay_url);
      else tab.close();
      onOrder(answer.order, answer.pay_url);
    });
    if (went) return;
    tab.close();
    setBusy(false);
  };
  return html`${order.deadline_ms && html`<p class="held"><span>${t("buy.held_until", { time: formatTime(order.deadline_ms, i18n.locale) })}</span>
      <${Countdown} until_ms=${order.deadline_ms} urgent_ms=${60_000} /></p>`}
    <p class="big figures">${money(order.total_minor, order.currency)}</p>
    <${Button} kind="accent wide tall" busy=${busy} onClick=${again}>${t("buy.pay_again")}<//>
    <${CancelOrder} order=${order} onOrder=${onOrder} />`;
}

/** Gives back what is held. @param {{order: Order, onOrder: (order: Order, pay_url: string | null) => void}} props */
export function CancelOrder({ order, onOrder }) {
  const { t } = useApp();
  const attempt = useAttempt();
  const { counter } = useShow();
  const [busy, setBusy] = useState(false);
  const cancel = async () => {
    setBusy(true);
    const went = await attempt(async () => onOrder(await counter.cancel(order.id), null));
    if (!went) setBusy(false);
  };
  return html`<${Button} kind="quiet wide" busy=${busy} onClick=${cancel}>${t("buy.paying_cancel")}<//>`;
}
