/** Where things can be sent: ISO 3166-1 alpha-2 codes; their names come from the browser, in the reader's language. */

const CODES = (
  "AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI "
  + "CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN "
  + "GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK "
  + "LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM "
  + "PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC "
  + "TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
).split(" ");

/**
 * All countries, sorted as the language sorts them.
 * @param {string} locale BCP 47 tag
 * @returns {{value: string, label: string}[]}
 */
export function countryOptions(locale) {
  const names = new Intl.DisplayNames([locale], { type: "region" });
  const collator = new Intl.Collator(locale);
  return CODES.map((value) => ({ value, label: names.of(value) ?? value })).sort((a, b) => collator.compare(a.label, b.label));
}

/**
 * The name of a country in the language; the code itself when it is unknown.
 * @param {string} code
 * @param {string} locale
 * @returns {string}
 */
export function countryName(code, locale) {
  return CODES.includes(code) ? new Intl.DisplayNames([locale], { type: "region" }).of(code) ?? code : code;
}

/**
 * The reader's likely country: the region of their first language tag that has one.
 * @param {readonly string[]} preferred BCP 47 tags
 * @returns {string} "" when none says
 */
export function likelyCountry(preferred) {
  for (const tag of preferred) {
    const region = tag.split("-").slice(1).find((part) => part.length === 2)?.toUpperCase();
    if (region && CODES.includes(region)) return region;
  }
  return "";
}
