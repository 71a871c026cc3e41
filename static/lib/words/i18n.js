/**
 * Words in the reader's language. A dictionary maps keys to a sentence with `{names}`, or to plural forms chosen
 * by `count` ({one, other}). English and Simplified Chinese have the same keys: a test compares them.
 */

/** @typedef {string | {one?: string, other: string}} Entry */
/** @typedef {Record<string, Entry>} Dictionary */
/** @typedef {Record<string, unknown>} Vars */
/** @typedef {(key: string, vars?: Vars) => string} Translate */

const MEMORY_KEY = "liveshop.language";
export const LANGUAGES = Object.freeze(["en", "zh"]);
/** The tags for Intl and the `lang` attribute. */
export const LOCALES = Object.freeze({ en: "en", zh: "zh-Hans" });

/**
 * The remembered language, else the first of the reader's that we speak, else English.
 * @param {string | null} remembered
 * @param {readonly string[]} preferred BCP 47 tags, best first
 * @returns {"en" | "zh"}
 */
export function chooseLanguage(remembered, preferred) {
  if (remembered === "en" || remembered === "zh") return remembered;
  for (const tag of preferred) {
    const short = tag.toLowerCase().split("-")[0];
    if (short === "en" || short === "zh") return short;
  }
  return "en";
}

/**
 * One sentence. An unknown key comes back as it is: seen in tests, harmless to a reader.
 * @param {Dictionary} dictionary
 * @param {Intl.PluralRules} plural
 * @param {string} key
 * @param {Vars} [vars]
 * @returns {string}
 */
export function translate(dictionary, plural, key, vars = {}) {
  const entry = Object.hasOwn(dictionary, key) ? dictionary[key] : key;
  const text = typeof entry === "string" ? entry : entry[pluralForm(plural, vars.count)] ?? entry.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in vars ? shown(vars[name], plural) : whole));
}

/** Numbers are grouped as the language does it. @param {unknown} value @param {Intl.PluralRules} plural */
function shown(value, plural) {
  return typeof value === "number" ? value.toLocaleString(plural.resolvedOptions().locale) : String(value);
}

/** @param {Intl.PluralRules} plural @param {unknown} count @returns {"one" | "other"} */
function pluralForm(plural, count) {
  return typeof count === "number" && plural.select(count) === "one" ? "one" : "other";
}

/**
 * The two dictionaries of words that stand side by side, so that neither language can lack a key.
 * @param {Record<string, [en: Entry, zh: Entry]>} words
 * @returns {{en: Dictionary, zh: Dictionary}}
 */
export function apart(words) {
  const rows = Object.entries(words);
  return { en: Object.fromEntries(rows.map(([key, [en]]) => [key, en])), zh: Object.fromEntries(rows.map(([key, [, zh]]) => [key, zh])) };
}

export class I18n {
  #dictionaries;
  #memory;
  /** @type {"en" | "zh"} */
  #language;
  #plural;
  #english;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /**
   * @param {{en: Dictionary[], zh: Dictionary[]}} dictionaries later ones win
   * @param {import("../visitor/session.js").Memory} memory
   * @param {readonly string[]} preferred BCP 47 tags of the reader
   */
  constructor(dictionaries, memory, preferred) {
    this.#dictionaries = { en: Object.assign({}, ...dictionaries.en), zh: Object.assign({}, ...dictionaries.zh) };
    this.#memory = memory;
    this.#language = chooseLanguage(memory.getItem(MEMORY_KEY), preferred);
    this.#plural = new Intl.PluralRules(this.#language);
    this.#english = preferred.find((tag) => /^en(-|$)/i.test(tag)) ?? LOCALES.en;
  }

  /** @returns {"en" | "zh"} */
  get language() {
    return this.#language;
  }

  /** @returns {string} the BCP 47 tag for Intl and `lang`: of the reader's own kind of English, so that dates are as at home */
  get locale() {
    return this.#language === "en" ? this.#english : LOCALES.zh;
  }

  /** @param {"en" | "zh"} language */
  choose(language) {
    this.#memory.setItem(MEMORY_KEY, language);
    this.#language = language;
    this.#plural = new Intl.PluralRules(language);
    for (const listener of this.#listeners) listener();
  }

  /** @param {() => void} listener @returns {() => void} stops it */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @type {Translate} */
  t = (key, vars) => translate(this.#dictionaries[this.#language], this.#plural, key, vars);

  /** @param {string} key @returns {boolean} */
  has(key) {
    return Object.hasOwn(this.#dictionaries[this.#language], key);
  }
}

/**
 * What an error means to the reader: the sentence of its code, with its facts filled in.
 * @param {I18n} i18n
 * @param {unknown} error an ApiError or RoomError; anything else is "something went wrong"
 * @returns {string}
 */
export function errorText(i18n, error) {
  const { code, facts } = /** @type {{code?: string, facts?: Vars}} */ (error ?? {});
  const key = `error.${code}`;
  return code && i18n.has(key) ? i18n.t(key, facts) : i18n.t("error.unknown");
}
