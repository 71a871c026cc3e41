/** Calling a whole order off before it is sent. */

import { html, useState } from "../../vendor/preact.js";
import { newKey } from "../../lib/ids.js";
import { useApp } from "../../views/app.js";
import { Field } from "../../views/field.js";
import { Sheet } from "../../views/sheet.js";
import { AskForm } from "../ask_form.js";

/** @typedef {import("../../lib/types.js").AfterSale} AfterSale */

/** @param {{path: string, after: AfterSale, onClose: () => void, onDone: (after: AfterSale, said: string) => void}} props */
export function CancelSheet({ path, after, onClose, onDone }) {
  const { t, api, money } = useApp();
  const [key] = useState(newKey);
  const [reason, setReason] = useState("");
  const amount = money(after.left_minor, after.order.currency);
  const run = async () => onDone(await api.post(`${path}/cancel`, { reason: reason.trim() }, { key }), "desk.cancelled");
  return html`<${Sheet} title=${t("desk.cancel_title")} onClose=${onClose}><${AskForm} card=${false} start=${false} kind="danger wide tall"
      intro=${after.captured_minor ? t("desk.cancel_intro", { amount }) : t("desk.give_up_intro")} label=${t("desk.cancel_do")} run=${run}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`<${Field} name="reason" label=${t("desk.reason")} hint=${t("desk.reason_hint")} value=${reason} onInput=${setReason} error=${errorOf("reason")} rows="2" maxlength="500" optional />`}
  <//><//>`;
}
