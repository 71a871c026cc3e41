/** How the shop sends what it sells, and which taxes it takes: two tables, each saved as a whole. */

import { html, useState } from "../vendor/preact.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { SkeletonLines } from "../views/skeleton.js";
import { AskForm } from "./ask_form.js";
import { STANDARD, classWord, classesOf, methodForm, methodOf, newMethod, rateForm, taxRateOf } from "./terms_words.js";

/** @typedef {import("./terms_words.js").MethodForm} MethodForm */
/** @typedef {import("./terms_words.js").RateForm} RateForm */
/** @typedef {(name: string) => string | null} ErrorOf */

const MOST_DAYS = 365;
/** The choice that lets a host name a class: no class's name, which has no blanks around it. */
const OWN = " own ";

/** @param {{shop: {id: string, currency: string}}} props */
export function Terms({ shop }) {
  const { t, api, errorText } = useApp();
  const shipping = useLoad(() => api.get(`/shops/${shop.id}/shipping`), [shop.id]);
  const taxes = useLoad(() => api.get(`/shops/${shop.id}/taxes`), [shop.id]);
  const error = shipping.error ?? taxes.error;
  if (error) return html`<p class="notice notice--trouble">${errorText(error)}</p>`;
  if (!shipping.value || !taxes.value) return html`<${SkeletonLines} label=${t("loading")} />`;
  return html`<${Shipping} shop=${shop} methods=${shipping.value.methods} /><${Taxes} shop=${shop} table=${taxes.value} />`;
}

/** @param {{shop: {id: string, currency: string}, methods: import("../lib/types.js").ShippingMethod[]}} props */
function Shipping({ shop, methods }) {
  const { t, api, toasts } = useApp();
  const [rows, setRows] = useState(() => methods.map((method) => methodForm(method, shop.currency)));
  const run = async () => {
    const saved = await api.put(`/shops/${shop.id}/shipping`, { methods: rows.map((row, place) => methodOf(row, place, shop.currency)) });
    setRows(saved.methods.map((/** @type {import("../lib/types.js").ShippingMethod} */ method) => methodForm(method, shop.currency)));
    toasts.show(t("saved"));
  };
  const change = (/** @type {number} */ at, /** @type {Partial<MethodForm>} */ part) => setRows(rows.map((row, place) => (place === at ? { ...row, ...part } : row)));
  return html`<section class="stack" aria-label=${t("terms.shipping")}>
    <h3>${t("terms.shipping")}</h3>
    <${AskForm} card=${false} start=${false} intro=${t("terms.shipping_hint")} label=${t("terms.save_shipping")} run=${run}>
      ${(/** @type {ErrorOf} */ errorOf) => html`
        ${rows.map((row, place) => html`<${Method} key=${row.id ?? `new ${place}`} row=${row} place=${place} currency=${shop.currency} errorOf=${errorOf}
          onChange=${(/** @type {Partial<MethodForm>} */ part) => change(place, part)} onRemove=${rows.length > 1 ? () => setRows(rows.filter((_, at) => at !== place)) : null} />`)}
        <${Button} kind="small" onClick=${() => setRows([...rows, newMethod(shop.currency)])}><${Icon} name="plus" />${t("terms.add_method")}<//>`}
    <//>
  </section>`;
}

/** @param {{row: MethodForm, place: number, currency: string, errorOf: ErrorOf, onChange: (part: Partial<MethodForm>) => void, onRemove: (() => void) | null}} props */
function Method({ row, place, currency, errorOf, onChange, onRemove }) {
  const { t } = useApp();
  const field = (/** @type {keyof MethodForm} */ name, /** @type {string} */ label, /** @type {Record<string, unknown>} */ more = {}) => html`<${Field} name=${`methods[${place}].${name}`}
    label=${label} value=${row[name]} error=${errorOf(`methods[${place}].${name}`)} onInput=${(/** @type {string} */ value) => onChange(/** @type {Partial<MethodForm>} */ ({ [name]: value }))} ...${more} />`;
  const pickup = row.kind === "pickup";
  return html`<fieldset class="card card--flat stack stack--tight terms__row"><legend class="unseen">${row.name || t("terms.new_method")}</legend>
    <div class="two">${field("name", t("terms.name"), { maxlength: "80", placeholder: t("terms.name_example") })}
      ${field("kind", t("terms.kind"), { options: ["delivery", "pickup"].map((value) => ({ value, label: t(`terms.kind.${value}`) })) })}</div>
    <div class="two">${field("price", t("terms.price", { currency }), { inputmode: "decimal" })}
      ${field("free_from", t("terms.free_from"), { inputmode: "decimal", optional: true })}</div>
    ${field("places", t(pickup ? "terms.pickup_place" : "terms.places"), { optional: !pickup, hint: t(pickup ? "terms.pickup_place_hint" : "terms.places_hint"), autocapitalize: "characters" })}
    <div class="two">${field("min_days", t("terms.min_days"), { type: "number", min: "0", max: MOST_DAYS, optional: true })}
      ${field("max_days", t("terms.max_days"), { type: "number", min: "0", max: MOST_DAYS, optional: true })}</div>
    ${field("note", t(pickup ? "terms.pickup_note" : "terms.note"), { optional: true, rows: 2, maxlength: "500" })}
    <div class="row row--spread"><label class="check"><input type="checkbox" checked=${row.taxed} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => onChange({ taxed: event.currentTarget.checked })} />
      <span class="small">${t("terms.taxed")}</span></label>
      ${onRemove && html`<${Button} kind="quiet round" label=${t("terms.remove", { name: row.name })} onClick=${onRemove}><${Icon} name="trash" /><//>`}</div>
  </fieldset>`;
}

/** @param {{shop: {id: string}, table: {inclusive: boolean, rates: import("../lib/types.js").TaxRate[]}}} props */
function Taxes({ shop, table }) {
  const { t, api, toasts } = useApp();
  const [inclusive, setInclusive] = useState(table.inclusive);
  const [rows, setRows] = useState(/** @type {() => RateForm[]} */ (() => table.rates.map(rateForm)));
  const run = async () => {
    /** @type {{rates: import("../lib/types.js").TaxRate[]}} */
    const saved = await api.put(`/shops/${shop.id}/taxes`, { inclusive, rates: rows.map(taxRateOf) });
    setRows(saved.rates.map(rateForm));
    toasts.show(t("saved"));
  };
  const change = (/** @type {number} */ at, /** @type {Partial<RateForm>} */ part) => setRows(rows.map((row, place) => (place === at ? { ...row, ...part } : row)));
  const classes = classesOf(rows.map((row) => row.tax_class)).filter((name) => name !== "zero");
  return html`<section class="stack" aria-label=${t("terms.taxes")}>
    <h3>${t("terms.taxes")}</h3>
    <${AskForm} card=${false} start=${false} intro=${t("terms.taxes_hint")} label=${t("terms.save_taxes")} run=${run}>
      ${(/** @type {ErrorOf} */ errorOf) => html`
        <label class="check"><input type="checkbox" checked=${inclusive} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => setInclusive(event.currentTarget.checked)} />
          <span class="small">${t("terms.inclusive")}</span></label>
        ${rows.map((row, place) => html`<${Rate} key=${place} row=${row} place=${place} classes=${classes} errorOf=${errorOf}
          onChange=${(/** @type {Partial<RateForm>} */ part) => change(place, part)} onRemove=${() => setRows(rows.filter((_, at) => at !== place))} />`)}
        <${Button} kind="small" onClick=${() => setRows([...rows, { place: "", tax_class: STANDARD, name: "", rate: "" }])}><${Icon} name="plus" />${t("terms.add_rate")}<//>`}
    <//>
  </section>`;
}

/** @param {{row: RateForm, place: number, classes: string[], errorOf: ErrorOf, onChange: (part: Partial<RateForm>) => void, onRemove: () => void}} props */
function Rate({ row, place, classes, errorOf, onChange, onRemove }) {
  const { t } = useApp();
  const name = (/** @type {string} */ part) => `rates[${place}].${part}`;
  const choices = [...classes.map((value) => ({ value, label: classWord(value, t) })), { value: OWN, label: t("terms.class_own") }];
  const choose = (/** @type {string} */ value) => {
    onChange(value === OWN ? { own: true, tax_class: "" } : { tax_class: value });
  };
  return html`<div class="terms__rate">
    <${Field} name=${name("place")} label=${t("terms.place")} value=${row.place} error=${errorOf(name("place"))} placeholder="DE" maxlength="8" autocapitalize="characters" onInput=${(/** @type {string} */ value) => onChange({ place: value })} />
    ${row.own
      ? html`<${Field} name=${name("tax_class")} label=${t("terms.tax_class")} value=${row.tax_class} error=${errorOf(name("tax_class"))} maxlength="24" autofocus placeholder=${t("terms.class_example")} onInput=${(/** @type {string} */ value) => onChange({ tax_class: value })} />`
      : html`<${Field} name=${name("tax_class")} label=${t("terms.tax_class")} value=${row.tax_class} error=${errorOf(name("tax_class"))} options=${choices} onInput=${choose} />`}
    <${Field} name=${name("name")} label=${t("terms.tax_name")} value=${row.name} error=${errorOf(name("name"))} placeholder=${t("terms.tax_name_example")} maxlength="40" onInput=${(/** @type {string} */ value) => onChange({ name: value })} />
    <${Field} name=${name("rate_ppm")} label=${t("terms.rate")} value=${row.rate} error=${errorOf(name("rate_ppm"))} placeholder="19" inputmode="decimal" onInput=${(/** @type {string} */ value) => onChange({ rate: value })} />
    <${Button} kind="quiet round" label=${t("terms.remove", { name: `${row.name} ${row.place}` })} onClick=${onRemove}><${Icon} name="trash" /><//>
  </div>`;
}
