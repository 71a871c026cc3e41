/**
 * Money on screen. Amounts are integer minor units; how many a major unit has is ISO 4217's answer, kept here
 * because the browsers' own tables differ from it for some currencies (they follow CLDR's cash digits).
 */

const EXPONENT_0 = new Set("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" "));
const EXPONENT_3 = new Set("BHD IQD JOD KWD LYD OMR TND".split(" "));
const EXPONENT_4 = new Set(["CLF", "UYW"]);
const DEFAULT_EXPONENT = 2;

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * Digits after the point of a currency.
 * @param {string} currency ISO 4217 code
 * @returns {number}
 */
export function exponent(currency) {
  if (EXPONENT_0.has(currency)) return 0;
  if (EXPONENT_3.has(currency)) return 3;
  return EXPONENT_4.has(currency) ? 4 : DEFAULT_EXPONENT;
}

/**
 * An amount as people of the language read it: "$12.00", "¥1,200", "KWD 1.250".
 * @param {number} amount_minor
 * @param {string} currency ISO 4217 code
 * @param {string} [language] BCP 47 tag
 * @returns {string}
 */
export function formatMoney(amount_minor, currency, language = "en") {
  const digits = exponent(currency);
  const name = `${language} ${currency}`;
  let format = formats.get(name);
  if (!format) {
    format = new Intl.NumberFormat(language, {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formats.set(name, format);
  }
  return format.format(amount_minor / 10 ** digits);
}

/**
 * Minor units of what somebody typed ("12.5", "1,200", "12,50"), or null if it is no amount of that currency.
 * The last point or comma is the decimal mark when no more digits follow it than the currency has.
 * @param {string} text
 * @param {string} currency ISO 4217 code
 * @returns {number | null}
 */
export function parseMoney(text, currency) {
  const digits = exponent(currency);
  const bare = text.replace(/[\s'’_]/g, "");
  const match = /^(\d[\d.,]*?)(?:[.,](\d+))?$/.exec(bare);
  if (!match) return null;
  let whole = match[1].replace(/[.,]/g, "");
  let fraction = match[2] ?? "";
  if (fraction.length > digits) {
    if (fraction.length !== 3) return null;
    whole += fraction;
    fraction = "";
  }
  const amount = Number(whole + fraction.padEnd(digits, "0"));
  return Number.isSafeInteger(amount) ? amount : null;
}

/**
 * How a price is typed into a field: "12.00", without a symbol.
 * @param {number} amount_minor
 * @param {string} currency ISO 4217 code
 * @returns {string}
 */
export function plainMoney(amount_minor, currency) {
  const digits = exponent(currency);
  return (amount_minor / 10 ** digits).toFixed(digits);
}

/**
 * A rate as people of the language write it: 72_500 is "7.25%".
 * @param {number} rate_ppm parts in a million
 * @param {string} [language] BCP 47 tag
 * @returns {string}
 */
export function formatRate(rate_ppm, language = "en") {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 4 }).format(rate_ppm / 1_000_000);
}

/**
 * What a row of tax is called: "VAT 7%".
 * @param {{name: string, rate_ppm: number}} tax
 * @param {string} [language] BCP 47 tag
 * @returns {string}
 */
export function taxText(tax, language = "en") {
  return `${tax.name} ${formatRate(tax.rate_ppm, language)}`;
}
