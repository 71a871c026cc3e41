/** Contact and address: fields, what must be in them, and how they are read back. */

import { html, useMemo } from "../../vendor/preact.js";
import { countryName, countryOptions } from "../../lib/countries.js";
import { useApp } from "../../views/app.js";
import { Field } from "../../views/field.js";

/** @typedef {{email: string, name: string, phone: string, line1: string, line2: string, city: string, region: string, postcode: string, country: string}} Details */

const REQUIRED = /** @type {const} */ (["email", "name", "line1", "city", "postcode", "country"]);

/** @returns {Details} */
export function emptyDetails(country = "") {
  return { email: "", name: "", phone: "", line1: "", line2: "", city: "", region: "", postcode: "", country };
}

/**
 * The details of an earlier order.
 * @param {import("../../lib/types.js").Order | null | undefined} order
 * @returns {Details | null} null when it has none
 */
export function detailsOf(order) {
  if (!order?.contact || !order.address?.line1) return null;
  const { contact, address } = order;
  return {
    email: contact.email, name: contact.name, phone: contact.phone ?? "", line1: address.line1, line2: address.line2 ?? "",
    city: address.city, region: address.region ?? "", postcode: address.postcode, country: address.country,
  };
}

/**
 * As the API takes them.
 * @param {Details} details
 */
export function asRequest(details) {
  const { email, name, phone, line1, line2, city, region, postcode, country } = details;
  return {
    contact: { email: email.trim(), name: name.trim(), phone: phone.trim() || null },
    address: { line1: line1.trim(), line2: line2.trim() || null, city: city.trim(), region: region.trim() || null, postcode: postcode.trim(), country },
  };
}

/**
 * What is missing, as a field's name and the key of its sentence.
 * @param {Details} details
 * @returns {Record<string, string>}
 */
export function missing(details) {
  /** @type {Record<string, string>} */
  const errors = {};
  for (const name of REQUIRED) if (!details[name].trim()) errors[name] = "error.required";
  if (details.email.trim() && !/^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/.test(details.email.trim())) errors.email = "error.bad_email";
  return errors;
}

/**
 * @param {{details: Details, onChange: (details: Details) => void, errors: Record<string, string>}} props errors: sentences by field
 */
export function AddressForm({ details, onChange, errors }) {
  const { t, i18n } = useApp();
  const countries = useMemo(() => [{ value: "", label: "–" }, ...countryOptions(i18n.locale)], [i18n.locale]);
  const field = (/** @type {keyof Details} */ name, /** @type {Record<string, unknown>} */ more = {}) => html`<${Field}
    name=${name} label=${t(`buy.${name}`)} value=${details[name]} error=${errors[name] ?? null}
    onInput=${(/** @type {string} */ value) => onChange({ ...details, [name]: value })} ...${more} />`;
  return html`<fieldset class="stack"><legend class="address__legend"><b>${t("buy.contact")}</b></legend>
      ${field("email", { type: "email", autocomplete: "email", inputmode: "email", hint: t("buy.email_hint") })}
      ${field("name", { autocomplete: "name" })}
      ${field("phone", { type: "tel", autocomplete: "tel", optional: true })}
    </fieldset>
    <fieldset class="stack"><legend class="address__legend"><b>${t("buy.address")}</b></legend>
      ${field("line1", { autocomplete: "address-line1" })}
      ${field("line2", { autocomplete: "address-line2", optional: true })}
      <div class="address__pair">${field("postcode", { autocomplete: "postal-code" })}${field("city", { autocomplete: "address-level2" })}</div>
      ${field("region", { autocomplete: "address-level1", optional: true })}
      ${field("country", { autocomplete: "country", options: countries })}
    </fieldset>`;
}

/** The address as it stands on a parcel. @param {{details: Details}} props */
export function AddressText({ details }) {
  const { i18n } = useApp();
  const lines = [details.name, details.line1, details.line2, `${details.postcode} ${details.city}`, [details.region, countryName(details.country, i18n.locale)].filter(Boolean).join(", "), details.email];
  return html`<span class="address__text">${lines.filter((line) => line.trim()).map((line) => html`<span>${line}</span>`)}</span>`;
}
