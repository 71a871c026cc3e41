/** The currencies a shop can be opened in, named in the reader's language. */

const CURRENCIES = Object.freeze(["USD", "EUR", "GBP", "CNY", "JPY", "KRW", "SGD", "AUD", "CAD", "KWD"]);

/** @type {Readonly<Record<string, string>>} by the region of a browser's language */
const BY_REGION = Object.freeze({ US: "USD", GB: "GBP", CN: "CNY", JP: "JPY", KR: "KRW", SG: "SGD", AU: "AUD", CA: "CAD", KW: "KWD", DE: "EUR", FR: "EUR", NL: "EUR", ES: "EUR", IT: "EUR", IE: "EUR", AT: "EUR", BE: "EUR", FI: "EUR", PT: "EUR", GR: "EUR" });

/** @param {string} locale @returns {{value: string, label: string}[]} */
export function currencyOptions(locale) {
  const names = new Intl.DisplayNames([locale], { type: "currency" });
  return CURRENCIES.map((value) => ({ value, label: `${value} · ${names.of(value)}` }));
}

/** @param {readonly string[]} languages of the browser, e.g. "de-AT" @returns {string} the likeliest currency */
export function likelyCurrency(languages) {
  for (const language of languages) {
    const region = new Intl.Locale(language).maximize().region ?? "";
    if (BY_REGION[region]) return BY_REGION[region];
  }
  return "USD";
}
