/** What a host types about shipping and taxes, and what the API takes: places, rates, days. Pure. */

import { parseMoney, plainMoney } from "../lib/prices/money.js";

const PPM_OF_PERCENT = 10_000;

/** @typedef {import("../lib/types.js").ShippingMethod} ShippingMethod */
/** @typedef {import("../lib/types.js").TaxRate} TaxRate */
/** @typedef {{id: string | null, kind: string, name: string, price: string, free_from: string, places: string, min_days: string, max_days: string, taxed: boolean, note: string}} MethodForm */
/** @typedef {{place: string, tax_class: string, own?: boolean, name: string, rate: string}} RateForm own: the host names a new class */

export const STANDARD = "standard";
/** What every shop is offered; it may name others. */
const KNOWN = [STANDARD, "reduced", "zero"];

/** Something typed that cannot be used: the page says it at its field, as it says the server's refusals. */
export class TypedError extends Error {
  /** @param {string} code @param {string} field */
  constructor(code, field) {
    super(code);
    this.code = code;
    this.facts = { field };
  }
}

/** @param {string} text "de, US-ca" @returns {string[]} codes in capitals, each once */
export function placesOf(text) {
  return [...new Set(text.toUpperCase().split(/[\s,;、，]+/).filter(Boolean))];
}

/**
 * A rate in parts in a million.
 * @param {string} text "19", "7.25", "14,975%"
 * @returns {number | null} null when it is no rate from 0 to 100
 */
export function rateOf(text) {
  const match = /^(\d{1,3})(?:[.,](\d{1,4}))?\s*%?$/.exec(text.trim());
  if (!match) return null;
  const ppm = Number(match[1]) * PPM_OF_PERCENT + Number((match[2] ?? "").padEnd(4, "0"));
  return ppm <= 100 * PPM_OF_PERCENT ? ppm : null;
}

/** @param {number} rate_ppm @returns {string} "7.25" */
export function rateText(rate_ppm) {
  return String(rate_ppm / PPM_OF_PERCENT);
}

/** @param {ShippingMethod} method @param {string} currency @returns {MethodForm} */
export function methodForm(method, currency) {
  const number = (/** @type {number | null} */ days) => (days === null ? "" : String(days));
  return {
    id: method.id, kind: method.kind, name: method.name, price: plainMoney(method.price_minor, currency),
    free_from: method.free_from_minor === null ? "" : plainMoney(method.free_from_minor, currency),
    places: method.places.join(", "), min_days: number(method.min_days), max_days: number(method.max_days),
    taxed: method.taxed, note: method.note,
  };
}

/** @param {string} currency @returns {MethodForm} a row to fill in */
export function newMethod(currency) {
  return { id: null, kind: "delivery", name: "", price: plainMoney(0, currency), free_from: "", places: "", min_days: "", max_days: "", taxed: true, note: "" };
}

/**
 * @param {MethodForm} form
 * @param {number} row
 * @param {string} currency
 * @returns {ShippingMethod}
 * @throws {TypedError}
 */
export function methodOf(form, row, currency) {
  const amount = (/** @type {string} */ text, /** @type {string} */ field) => {
    const minor = parseMoney(text, currency);
    if (minor === null) throw new TypedError("bad_price", `methods[${row}].${field}`);
    return minor;
  };
  const days = (/** @type {string} */ text) => (text.trim() ? Number(text) : null);
  return {
    id: form.id, kind: form.kind, name: form.name.trim(), price_minor: amount(form.price, "price"),
    free_from_minor: form.free_from.trim() ? amount(form.free_from, "free_from") : null,
    places: placesOf(form.places), min_days: days(form.min_days), max_days: days(form.max_days) ?? days(form.min_days),
    taxed: form.taxed, note: form.note.trim(),
  };
}

/**
 * The tax classes there are to choose from: those every shop has, then the shop's own by name.
 * @param {string[]} named classes that rates and products have
 * @returns {string[]}
 */
export function classesOf(named) {
  const own = [...new Set(named)].filter((name) => name && !KNOWN.includes(name)).sort();
  return [...KNOWN, ...own];
}

/**
 * What a class is called: the shop's own are called as the shop names them.
 * @param {string} name
 * @param {(key: string) => string} t
 * @returns {string}
 */
export function classWord(name, t) {
  return KNOWN.includes(name) ? t(`terms.class.${name}`) : name;
}

/** @param {TaxRate} rate @returns {RateForm} */
export function rateForm({ place, tax_class, name, rate_ppm }) {
  return { place, tax_class, name, rate: rateText(rate_ppm) };
}

/**
 * @param {RateForm} form
 * @param {number} row
 * @returns {TaxRate}
 * @throws {TypedError}
 */
export function taxRateOf(form, row) {
  const rate_ppm = rateOf(form.rate);
  if (rate_ppm === null) throw new TypedError("bad_rate", `rates[${row}].rate_ppm`);
  return { place: form.place.trim().toUpperCase(), name: form.name.trim(), rate_ppm, tax_class: form.tax_class.trim().toLowerCase() };
}
