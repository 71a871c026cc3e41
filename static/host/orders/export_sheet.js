/** The orders of some days as a CSV file for a spreadsheet. */

import { html, useState } from "../../vendor/preact.js";
import { saveFile } from "../../lib/files/download.js";
import { useApp } from "../../views/app.js";
import { Field } from "../../views/field.js";
import { Sheet } from "../../views/sheet.js";
import { AskForm } from "../ask_form.js";

const DAY_MS = 86_400_000;
const MONTH_DAYS = 30;

/** @param {number} at_ms @returns {string} YYYY-MM-DD */
const dayOf = (at_ms) => new Date(at_ms).toISOString().slice(0, 10);

/** @param {{shop: string, onClose: () => void}} props */
export function ExportSheet({ shop, onClose }) {
  const { t, api, clock } = useApp();
  const [from, setFrom] = useState(dayOf(clock.now_ms() - MONTH_DAYS * DAY_MS));
  const [to, setTo] = useState(dayOf(clock.now_ms()));
  const run = async () => {
    saveFile(await api.file(`/shops/${shop}/orders.csv?from=${from}&to=${to}`), `orders-${from}-${to}.csv`);
    onClose();
  };
  return html`<${Sheet} title=${t("desk.export")} onClose=${onClose}><${AskForm} card=${false} start=${false} intro=${t("desk.export_intro")} label=${t("desk.export_do")} run=${run}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`<div class="two">
      <${Field} name="from" type="date" label=${t("desk.from")} value=${from} onInput=${setFrom} error=${errorOf("from")} max=${to} />
      <${Field} name="to" type="date" label=${t("desk.to")} value=${to} onInput=${setTo} error=${errorOf("to")} min=${from} /></div>`}
  <//><//>`;
}
