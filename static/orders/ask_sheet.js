/** Asking the shop to take something back, or to call the order off. */

import { html, useState } from "../vendor/preact.js";
import { newKey } from "../lib/ids.js";
import { chosenUnits } from "../lib/prices/refund_amount.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Sheet } from "../views/sheet.js";
import { useAttempt } from "../views/use_attempt.js";
import { ChooseUnits } from "./choose_units.js";

/** @typedef {import("../lib/types.js").AfterSale} AfterSale */

/** @param {{what: "returns" | "cancellation", path: string, after: AfterSale, onClose: () => void, onDone: (after: AfterSale) => void}} props */
export function AskSheet({ what, path, after, onClose, onDone }) {
  const { t, api } = useApp();
  const attempt = useAttempt();
  const [key] = useState(newKey);
  const [chosen, setChosen] = useState(/** @type {Record<number, number>} */ ({}));
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const returning = what === "returns";
  const word = returning ? "return" : "cancel";
  const units = chosenUnits(chosen);
  const run = async () => {
    setBusy(true);
    const went = await attempt(async () => onDone(await api.post(path, { ...(returning && { lines: units }), reason: reason.trim() }, { key })));
    if (!went) setBusy(false);
  };
  const foot = html`<${Button} kind="accent wide tall" busy=${busy} disabled=${returning && !units.length} onClick=${run}>${t(`after.${word}_do`)}<//>`;
  return html`<${Sheet} title=${t(`after.${word}_title`)} onClose=${onClose} foot=${foot}><div class="stack">
    <p class="quiet">${t(`after.${word}_intro`)}</p>
    ${returning && html`<${ChooseUnits} after=${after} only=${(/** @type {import("../lib/types.js").LineAfter} */ line) => Math.min(line.returnable, line.sent)} chosen=${chosen} onChosen=${setChosen} />`}
    <${Field} name="reason" label=${t("after.reason")} value=${reason} onInput=${setReason} rows="2" maxlength="500" optional /></div><//>`;
}
