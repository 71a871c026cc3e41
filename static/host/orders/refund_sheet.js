/** Money back: units, shipping or any amount, with or without putting the units on sale again. */

import { html, useState } from "../../vendor/preact.js";
import { newKey } from "../../lib/ids.js";
import { parseMoney, plainMoney } from "../../lib/prices/money.js";
import { chosenCost_minor, chosenUnits } from "../../lib/prices/refund_amount.js";
import { useApp } from "../../views/app.js";
import { Field } from "../../views/field.js";
import { Sheet } from "../../views/sheet.js";
import { Stepper } from "../../views/stepper.js";
import { AskForm } from "../ask_form.js";

/** @typedef {import("../../lib/types.js").AfterSale} AfterSale */
/** @typedef {import("../../lib/types.js").Return} Return */

/** @param {{path: string, after: AfterSale, of: Return | null, onClose: () => void, onDone: (after: AfterSale, said: string) => void}} props */
export function RefundSheet({ path, after, of, onClose, onDone }) {
  const { t, api, money } = useApp();
  const { order, lines, left_minor } = after;
  const { currency } = order;
  const [key] = useState(newKey);
  const [chosen, setChosen] = useState(/** @type {Record<number, number>} */ (Object.fromEntries((of?.lines ?? []).map(({ position, quantity }) => [position, quantity]))));
  const [shipping, setShipping] = useState(false);
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  const [restock, setRestock] = useState(true);
  const [reason, setReason] = useState("");
  const cost_minor = Math.min(left_minor, chosenCost_minor(lines, chosen) + (shipping ? after.shipping_minor : 0));
  const amount_minor = typed === null ? cost_minor : parseMoney(typed, currency);
  const units = chosenUnits(chosen);
  const run = async () => {
    const body = { lines: units, amount_minor, restock: restock && units.length > 0, reason: reason.trim(), return_id: of?.id ?? null };
    const now = await api.post(`${path}/refunds`, body, { key });
    const made = now.refunds[now.refunds.length - 1];
    onDone(now, made?.state === "done" ? "desk.refund_done" : "");
  };
  const tick = (/** @type {(on: boolean) => void} */ set) => (/** @type {{currentTarget: HTMLInputElement}} */ event) => set(event.currentTarget.checked);
  return html`<${Sheet} title=${t("desk.refund_title")} onClose=${onClose}><${AskForm} card=${false} start=${false} intro=${t("desk.refund_left", { left: money(left_minor, currency) })}
      label=${amount_minor ? t("desk.refund_do", { amount: money(amount_minor, currency) }) : t("desk.refund")} idle=${!amount_minor || amount_minor > left_minor} run=${run}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`
      <ul class="stack">${lines.filter(({ refundable }) => refundable > 0).map((line) => html`<li class="row row--spread desk-choose"><span class="grow"><b class="cut-2">${order.lines[line.position].title}</b><span class="small quiet">${order.lines[line.position].variant_title}</span></span>
        <${Stepper} value=${chosen[line.position] ?? 0} least=${0} most=${line.refundable} label=${order.lines[line.position].title} onChange=${(/** @type {number} */ count) => setChosen({ ...chosen, [line.position]: count })} /></li>`)}</ul>
      ${after.shipping_minor > 0 && html`<label class="check"><input type="checkbox" checked=${shipping} onChange=${tick(setShipping)} />${t("desk.refund_shipping", { amount: money(after.shipping_minor, currency) })}</label>`}
      <${Field} name="amount_minor" label=${t("desk.refund_amount", { currency })} value=${typed ?? plainMoney(cost_minor, currency)} onInput=${setTyped} inputmode="decimal"
        error=${amount_minor === null ? t("error.bad_price") : amount_minor > left_minor ? t("error.refund_too_much", { left: money(left_minor, currency) }) : errorOf("amount_minor")} />
      ${units.length > 0 && html`<label class="check"><input type="checkbox" checked=${restock} onChange=${tick(setRestock)} />${t("desk.restock")}</label>`}
      <${Field} name="reason" label=${t("desk.reason")} hint=${t("desk.reason_hint")} value=${reason} onInput=${setReason} error=${errorOf("reason")} rows="2" maxlength="500" optional />`}
  <//><//>`;
}
