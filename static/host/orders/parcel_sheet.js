/** A parcel: what goes into it, who carries it, and its number. */

import { html, useState } from "../../vendor/preact.js";
import { newKey } from "../../lib/ids.js";
import { chosenUnits } from "../../lib/prices/refund_amount.js";
import { useApp, useLoad } from "../../views/app.js";
import { Field } from "../../views/field.js";
import { Sheet } from "../../views/sheet.js";
import { Stepper } from "../../views/stepper.js";
import { AskForm } from "../ask_form.js";
import { unitsText } from "./order_history.js";

/** @typedef {import("../../lib/types.js").AfterSale} AfterSale */
/** @typedef {import("../../lib/types.js").Parcel} Parcel */

const OTHER = "other";

/** @param {{path: string, after: AfterSale, parcel: Parcel | null, onClose: () => void, onDone: (after: AfterSale, said: string) => void}} props parcel: one that is packed or sent already */
export function ParcelSheet({ path, after, parcel, onClose, onDone }) {
  const { t, api } = useApp();
  const known = useLoad(() => api.get("/carriers"), []);
  /** @type {{key: string, name: string}[]} */
  const carriers = known.value?.carriers ?? [];
  const [key] = useState(newKey);
  const open = after.lines.filter(({ to_send }) => to_send > 0);
  const [chosen, setChosen] = useState(/** @type {Record<number, number>} */ (Object.fromEntries(open.map(({ position, to_send }) => [position, to_send]))));
  const [carrier, setCarrier] = useState("");
  const [name, setName] = useState(parcel?.carrier ?? "");
  const [tracking, setTracking] = useState(parcel?.tracking ?? "");
  const [url, setUrl] = useState("");
  const [send, setSend] = useState(true);
  const own = carriers.find((one) => one.name === parcel?.carrier);
  const picked = carrier || (own ? own.key : parcel?.carrier ? OTHER : "");
  const run = async () => {
    const way = { carrier: picked === OTHER ? name.trim() : picked, tracking: tracking.trim(), tracking_url: url.trim() || null };
    const now = parcel
      ? await api.post(`${path}/parcels/${parcel.id}/send`, way)
      : await api.post(`${path}/parcels`, { ...way, lines: chosenUnits(chosen), send }, { key });
    onDone(now, parcel?.sent_at_ms ? "saved" : send ? "desk.sent" : "desk.packed");
  };
  const label = parcel?.sent_at_ms ? "save" : parcel || send ? "desk.send_do" : "desk.pack_do";
  return html`<${Sheet} title=${t(parcel?.sent_at_ms ? "desk.tracking_edit" : "desk.send_title")} onClose=${onClose}><${AskForm} card=${false} start=${false} label=${t(label)} idle=${!parcel && !chosenUnits(chosen).length} run=${run}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`
      ${parcel ? html`<p>${unitsText(after, parcel.lines)}</p>` : html`<ul class="stack">${open.map((line) => html`<li class="row row--spread desk-choose"><span class="grow"><b class="cut-2">${after.order.lines[line.position].title}</b><span class="small quiet">${after.order.lines[line.position].variant_title}</span></span>
        <${Stepper} value=${chosen[line.position] ?? 0} least=${0} most=${line.to_send} label=${after.order.lines[line.position].title} onChange=${(/** @type {number} */ count) => setChosen({ ...chosen, [line.position]: count })} /></li>`)}</ul>`}
      <${Field} name="carrier" label=${t("desk.carrier")} value=${picked} onInput=${setCarrier} error=${picked === OTHER ? null : errorOf("carrier")} optional
        options=${[{ value: "", label: t("desk.no_carrier") }, ...carriers.map((one) => ({ value: one.key, label: one.name })), { value: OTHER, label: t("desk.other_carrier") }]} />
      ${picked === OTHER && html`<${Field} name="name" label=${t("desk.carrier_name")} value=${name} onInput=${setName} error=${errorOf("carrier")} maxlength="40" />`}
      ${picked && html`<${Field} name="tracking" label=${t("desk.tracking")} value=${tracking} onInput=${setTracking} error=${errorOf("tracking")} maxlength="64" optional autocomplete="off" />`}
      ${picked === OTHER && html`<${Field} name="tracking_url" type="url" label=${t("desk.tracking_url")} value=${url} onInput=${setUrl} error=${errorOf("tracking_url")} maxlength="500" optional placeholder="https://" />`}
      ${!parcel && html`<label class="check"><input type="checkbox" checked=${send} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => setSend(event.currentTarget.checked)} />${t("desk.send_now")}</label>`}`}
  <//><//>`;
}
