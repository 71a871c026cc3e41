/**
 * What every page has: API client, session, language, shop clock and toasts, handed down by one context.
 * `startPage(App)` makes them and draws the page.
 */

import { createContext, html, render, useContext, useEffect, useMemo, useState } from "../vendor/preact.js";
import { Api } from "../lib/server/api.js";
import { Clock } from "../lib/clock.js";
import { I18n, errorText } from "../lib/words/i18n.js";
import { formatMoney } from "../lib/prices/money.js";
import { Session } from "../lib/visitor/session.js";
import en from "../i18n/en.js";
import zh from "../i18n/zh.js";
import * as asking from "../i18n/asking.js";
import * as buying from "../i18n/buying.js";
import * as community from "../i18n/community.js";
import * as sharing from "../i18n/sharing.js";
import { ToastBoard, Toasts } from "./toast.js";
import { accentColours } from "../lib/colour.js";

/**
 * @typedef {object} App
 * @property {Api} api
 * @property {Session} session
 * @property {I18n} i18n
 * @property {Clock} clock the shop's time
 * @property {ToastBoard} toasts
 * @property {import("../lib/words/i18n.js").Translate} t
 * @property {(error: unknown) => string} errorText
 * @property {(amount_minor: number, currency: string) => string} money
 */

/** The words of every page, beside `en` and `zh`. */
const SHARED = [asking, buying, community, sharing];

export const AppContext = createContext(/** @type {App | null} */ (null));

/** localStorage, or this page's memory alone where the browser forbids storage. */
export function browserMemory() {
  try {
    localStorage.getItem("liveshop.probe");
    return localStorage;
  } catch {
    const kept = new Map();
    return { getItem: (/** @type {string} */ name) => kept.get(name) ?? null, setItem: (/** @type {string} */ name, /** @type {string} */ value) => void kept.set(name, value) };
  }
}

/**
 * @param {{en: import("../lib/words/i18n.js").Dictionary[], zh: import("../lib/words/i18n.js").Dictionary[]}} [more] a page's own words
 * @returns {App}
 */
export function makeApp(more = { en: [], zh: [] }) {
  const api = new Api();
  const memory = browserMemory();
  const i18n = new I18n({ en: [en, ...SHARED.map((words) => words.en), ...more.en], zh: [zh, ...SHARED.map((words) => words.zh), ...more.zh] }, memory, navigator.languages ?? ["en"]);
  return {
    api,
    session: new Session(api, memory),
    i18n,
    clock: new Clock(),
    toasts: new ToastBoard(),
    t: i18n.t,
    errorText: (error) => errorText(i18n, error),
    money: (amount_minor, currency) => formatMoney(amount_minor, currency, i18n.locale),
  };
}

/**
 * Draws a page into `#app` and draws it again when the language changes.
 * @param {unknown} Page a component without props
 * @param {{en: import("../lib/words/i18n.js").Dictionary[], zh: import("../lib/words/i18n.js").Dictionary[]}} [more]
 * @returns {App}
 */
export function startPage(Page, more) {
  const app = makeApp(more);
  const root = document.getElementById("app");
  if (!root) throw new Error("The page has no #app.");
  root.replaceChildren();
  render(html`<${Root} app=${app} Page=${Page} />`, root);
  return app;
}

/** @param {{app: App, Page: unknown}} props */
function Root({ app, Page }) {
  const [, redraw] = useState(0);
  useEffect(() => app.i18n.subscribe(() => redraw((count) => count + 1)), [app]);
  document.documentElement.lang = app.i18n.locale;
  app.api.language = app.i18n.locale;
  // A new object each time, so that everything that reads the context is drawn in the new language.
  return html`<${AppContext.Provider} value=${{ ...app }}>
    <${Page} />
    <${Toasts} board=${app.toasts} closeLabel=${app.t("close")} />
  <//>`;
}

/** @returns {App} */
export function useApp() {
  const app = useContext(AppContext);
  if (!app) throw new Error("No App around this component.");
  return app;
}

/**
 * The person at this screen; the component is drawn again when that changes.
 * @returns {import("../lib/types.js").Person | null}
 */
export function usePerson() {
  const { session } = useApp();
  const [person, setPerson] = useState(session.person);
  useEffect(() => {
    setPerson(session.person);
    return session.subscribe(setPerson);
  }, [session]);
  return person;
}

/**
 * Runs an asynchronous load when its inputs change.
 * @template T
 * @param {() => Promise<T>} load
 * @param {readonly unknown[]} inputs
 * @returns {{value: T | null, error: unknown, again: () => void, set: (value: T) => void}}
 */
export function useLoad(load, inputs) {
  const [state, setState] = useState(/** @type {{value: T | null, error: unknown}} */ ({ value: null, error: null }));
  const [round, setRound] = useState(0);
  useEffect(() => {
    let wanted = true;
    load().then(
      (value) => wanted && setState({ value, error: null }),
      (error) => wanted && setState((now) => ({ value: now.value, error })),
    );
    return () => {
      wanted = false;
    };
  }, [round, ...inputs]);
  return useMemo(() => ({ ...state, again: () => setRound((count) => count + 1), set: (value) => setState({ value, error: null }) }), [state]);
}

/**
 * The document's title, while the component is on the page.
 * @param {string} title
 */
export function useTitle(title) {
  useEffect(() => {
    document.title = title ? `${title} · liveshop` : "liveshop";
  }, [title]);
}

/**
 * Takes on the accent colour of a shop, for the whole page.
 * @param {string | null | undefined} accent "#rrggbb"; null keeps the house's
 */
export function useAccent(accent) {
  useEffect(() => {
    const colours = accentColours(accent);
    if (!colours) return undefined;
    const { style } = document.documentElement;
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      style.setProperty("--accent", colours.accent);
      style.setProperty("--on-accent", colours.on_accent);
      style.setProperty("--accent-text", dark.matches ? colours.text_on_dark : colours.text_on_light);
      style.setProperty("--accent-text-on-video", colours.text_on_dark);
    };
    apply();
    dark.addEventListener("change", apply);
    return () => {
      dark.removeEventListener("change", apply);
      for (const name of ["--accent", "--on-accent", "--accent-text", "--accent-text-on-video"]) style.removeProperty(name);
    };
  }, [accent]);
}
