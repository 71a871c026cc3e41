/** Withdrawing from the contract, in the two steps the law asks for: state it, confirm it. */

import { html, useState } from "../vendor/preact.js";
import { newKey } from "../lib/ids.js";
import { chosenUnits } from "../lib/prices/refund_amount.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Sheet } from "../views/sheet.js";
import { useAttempt } from "../views/use_attempt.js";
import { ChooseUnits } from "./choose_units.js";
import { unitsText } from "./after_sale.js";

/** @typedef {import("../lib/types.js").AfterSale} AfterSale */

/** @param {{path: string, after: AfterSale, onClose: () => void, onDone: (after: AfterSale, email: string) => void}} props */
export function WithdrawSheet({ path, after, onClose, onDone }) {
  const { t, api } = useApp();
  const attempt = useAttempt();
  const { order } = after;
  const [key] = useState(newKey);
  const [chosen, setChosen] = useState(/** @type {Record<number, number>} */ (Object.fromEntries(after.lines.map(({ position, returnable }) => [position, returnable]))));
  const [name, setName] = useState(order.contact?.name ?? "");
  const [email, setEmail] = useState(order.contact?.email ?? "");
  const [stated, setStated] = useState(false);
  const [busy, setBusy] = useState(false);
  const units = chosenUnits(chosen);
  const confirm = async () => {
    setBusy(true);
    const went = await attempt(async () => onDone(await api.post(path, { confirm: true, lines: units, name: name.trim(), email: email.trim() }, { key }), email.trim()));
    if (!went) setBusy(false);
  };
  if (stated) {
    return html`<${Sheet} title=${t("after.confirm_title")} onClose=${onClose} back=${() => setStated(false)}
      foot=${html`<${Button} kind="accent wide tall" busy=${busy} onClick=${confirm}>${t("after.confirm_do")}<//>`}>
      <div class="stack"><p>${t("after.confirm_intro", { number: order.number })}</p><p><b>${unitsText(after, units)}</b></p><p>${t("after.confirm_by", { name, email })}</p></div><//>`;
  }
  const ready = units.length > 0 && name.trim() && /^\S+@\S+\.\S+$/.test(email.trim());
  return html`<${Sheet} title=${t("after.withdraw_title")} onClose=${onClose}
    foot=${html`<${Button} kind="accent wide tall" disabled=${!ready} onClick=${() => setStated(true)}>${t("after.next")}<//>`}><div class="stack">
    <p class="quiet">${t("after.withdraw_intro")}</p>
    <${ChooseUnits} after=${after} only=${(/** @type {import("../lib/types.js").LineAfter} */ line) => line.returnable} chosen=${chosen} onChosen=${setChosen} />
    <${Field} name="name" label=${t("after.name")} value=${name} onInput=${setName} maxlength="120" autocomplete="name" />
    <${Field} name="email" type="email" label=${t("after.email")} value=${email} onInput=${setEmail} autocomplete="email" /></div><//>`;
}
