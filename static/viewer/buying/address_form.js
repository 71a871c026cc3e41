/** Contact and address: the fields an address has in its country, what must be in them, how they are read back. */

import { html, useMemo } from "../../vendor/preact.js";
import { countryOptions } from "../../lib/words/countries.js";
import { addressForm, addressLines, inRows, regionsOf, tidyPostcode } from "../../lib/words/places.js";
import { useApp } from "../../views/app.js";
import { Field } from "../../views/field.js";

/** @typedef {{email: string, name: string, phone: string, line1: string, line2: string, city: string, region: string, postcode: string, country: string}} Details */
/** @typedef {import("../../lib/types.js").Contact} Contact */
/** @typedef {import("../../lib/types.js").Address} Address */

/** What a browser fills a field with. @type {Readonly<Record<string, string>>} */
const AUTOCOMPLETE = Object.freeze({ line1: "address-line1", line2: "address-line2", city: "address-level2", region: "address-level1", postcode: "postal-code" });

/** @returns {Details} */
export function emptyDetails(country = "") {
  return { email: "", name: "", phone: "", line1: "", line2: "", city: "", region: "", postcode: "", country };
}

/**
 * The details of an earlier order, or what was remembered.
 * @param {{contact: Contact | null, address: Address | null} | null | undefined} known
 * @returns {Details | null} null when there is no contact; the address may be empty
 */
export function detailsOf(known) {
  if (!known?.contact?.email) return null;
  const { contact, address } = known;
  return {
    email: contact.email, name: contact.name, phone: contact.phone ?? "", line1: address?.line1 ?? "", line2: address?.line2 ?? "",
    city: address?.city ?? "", region: address?.region ?? "", postcode: address?.postcode ?? "", country: address?.country ?? "",
  };
}

/**
 * As the API takes them. Fields the country does not have are left out.
 * @param {Details} details
 * @param {boolean} [pickup] nothing is sent
 */
export function asRequest(details, pickup = false) {
  const { email, name, phone, country } = details;
  const contact = { email: email.trim(), name: name.trim(), phone: phone.trim() || null };
  if (pickup) return { contact, address: {} };
  const asked = new Set(addressForm(country).fields);
  const part = (/** @type {"line1" | "line2" | "city" | "region" | "postcode"} */ field) => (asked.has(field) ? details[field].trim() : "");
  return { contact, address: { line1: part("line1"), line2: part("line2") || null, city: part("city"), region: part("region") || null, postcode: tidyPostcode(part("postcode")), country } };
}

/**
 * What is missing or not as the country writes it, as a field's name and the key of its sentence.
 * @param {Details} details
 * @param {boolean} [pickup]
 * @returns {Record<string, string>}
 */
export function missing(details, pickup = false) {
  const form = addressForm(details.country);
  /** @type {Record<string, string>} */
  const errors = {};
  const required = pickup ? ["email", "name"] : ["email", "name", "country", ...form.required];
  for (const name of required) if (!details[/** @type {keyof Details} */ (name)].trim()) errors[name] = "error.required";
  if (details.email.trim() && !/^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/.test(details.email.trim())) errors.email = "error.bad_email";
  const postcode = tidyPostcode(details.postcode);
  if (!pickup && postcode && form.fields.includes("postcode") && form.postcode && !form.postcode.test(postcode)) errors.postcode = "error.bad_postcode";
  const regions = regionsOf(details.country);
  if (!pickup && details.region && regions.length && !regions.some(({ code }) => code === details.region)) errors.region = "error.required";
  return errors;
}

/**
 * @param {{details: Details, onChange: (details: Details) => void, errors: Record<string, string>, pickup?: boolean}} props
 *   errors: sentences by field; pickup: only who, not where
 */
export function AddressForm({ details, onChange, errors, pickup = false }) {
  const { t } = useApp();
  const field = (/** @type {keyof Details} */ name, /** @type {Record<string, unknown>} */ more = {}) => html`<${Field}
    name=${name} label=${t(`buy.${name}`)} value=${details[name]} error=${errors[name] ?? null}
    onInput=${(/** @type {string} */ value) => onChange({ ...details, [name]: value })} ...${more} />`;
  return html`<fieldset class="stack"><legend class="address__legend"><b>${t("buy.contact")}</b></legend>
      ${field("email", { type: "email", autocomplete: "email", inputmode: "email", hint: t("buy.email_hint") })}
      ${field("name", { autocomplete: "name" })}
      ${field("phone", { type: "tel", autocomplete: "tel", optional: true })}
    </fieldset>
    ${!pickup && html`<${Where} details=${details} onChange=${onChange} errors=${errors} />`}`;
}

/** The country first, then its own fields in its own order. @param {{details: Details, onChange: (details: Details) => void, errors: Record<string, string>}} props */
export function Where({ details, onChange, errors }) {
  const { t, i18n } = useApp();
  const countries = useMemo(() => [{ value: "", label: "–" }, ...countryOptions(i18n.locale)], [i18n.locale]);
  const form = addressForm(details.country);
  const part = (/** @type {string} */ name) => html`<${Part} key=${name} name=${name} form=${form} details=${details} onChange=${onChange} error=${errors[name] ?? null} />`;
  const rows = inRows(form.fields).map((row) => (row.length > 1 ? html`<div class="address__pair" key=${row[0]}>${row.map(part)}</div>` : part(row[0])));
  // A region of one country is none of another.
  const choose = (/** @type {string} */ country) => onChange({ ...details, country, region: "" });
  return html`<fieldset class="stack"><legend class="address__legend"><b>${t("buy.address")}</b></legend>
    <${Field} name="country" label=${t("buy.country")} value=${details.country} error=${errors.country ?? null} autocomplete="country" options=${countries} onInput=${choose} />
    ${rows}
  </fieldset>`;
}

/** @param {{name: string, form: import("../../lib/words/places.js").AddressForm, details: Details, onChange: (details: Details) => void, error: string | null}} props */
function Part({ name, form, details, onChange, error }) {
  const { t, i18n } = useApp();
  const regions = regionsOf(details.country);
  const word = name === "region" ? `buy.region.${form.region_word}` : name === "postcode" ? `buy.postcode.${form.postcode_word}` : `buy.${name}`;
  const local = i18n.language === "zh";
  const options = name === "region" && regions.length
    ? [{ value: "", label: "–" }, ...regions.map((one) => ({ value: one.code, label: local ? one.local ?? one.name : one.name }))] : null;
  return html`<${Field} name=${name} label=${t(word)} value=${details[/** @type {keyof Details} */ (name)]} error=${error} optional=${!form.required.has(name)}
    autocomplete=${AUTOCOMPLETE[name]} options=${options} placeholder=${name === "postcode" ? form.example : undefined}
    autocapitalize=${name === "postcode" ? "characters" : undefined} onInput=${(/** @type {string} */ value) => onChange({ ...details, [name]: value })} />`;
}

/** The address as it stands on a parcel. @param {{details: Details, pickup?: boolean}} props */
export function AddressText({ details, pickup = false }) {
  const { i18n } = useApp();
  const lines = [details.name, ...(pickup ? [] : addressLines(details, i18n.locale)), details.email];
  return html`<span class="address__text">${lines.filter((line) => line.trim()).map((line) => html`<span>${line}</span>`)}</span>`;
}
