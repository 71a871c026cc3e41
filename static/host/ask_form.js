/**
 * A form that asks for a few things: busy while it runs, it says at each field what is wrong with it, in the page's
 * language (the browser's own bubbles speak the browser's), and below what went wrong as a whole.
 */

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Icon } from "../views/icon.js";

/** Refusals that are about one field, beside those that name it themselves. @type {Readonly<Record<string, string>>} */
const FIELD_OF = Object.freeze({ weak_password: "password", bad_email: "email", email_taken: "email", bad_name: "name", slug_taken: "name", bad_price: "price" });

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/**
 * What is wrong with a control, as a key and its values, or null. Pure.
 * @param {{value: string, required: boolean, type: string, validity: ValidityState, minLength?: number, min?: string, max?: string}} control
 * @returns {[key: string, values: Record<string, unknown>] | null}
 */
export function complaint({ value, required, type, validity, minLength = -1, min = "", max = "" }) {
  if (required && !value.trim()) return ["form.required", {}];
  if (type === "email" && (validity.typeMismatch || (value && !/^\S+@\S+\.\S+$/.test(value.trim())))) return ["form.email", {}];
  if (minLength > 0 && value && value.length < minLength) return ["form.short", { count: minLength }];
  if (validity.badInput || validity.rangeUnderflow || validity.rangeOverflow || validity.stepMismatch) return max ? ["form.between", { min, max }] : ["form.number", {}];
  return null;
}

/**
 * The sentence for what the server refused about a field: the field's own, where there is one. Pure.
 * @param {string} code
 * @param {string} field such as "rates[2].place"
 * @param {{has: (key: string) => boolean}} words
 * @returns {string} its key
 */
export function refusalKey(code, field, words) {
  if (code !== "invalid") return `error.${code}`;
  const own = `form.refused.${field.split(".").pop()}`;
  return words.has(own) ? own : "form.refused";
}

/**
 * @param {{title?: string, intro?: string, label: unknown, run: () => Promise<unknown>, card?: boolean, start?: boolean,
 *   class?: string, kind?: string, idle?: boolean, name?: string,
 *   children: unknown | ((errorOf: (name: string) => string | null) => unknown)}} props
 *   card: draws its own frame; not inside a sheet. start: puts the cursor into the first field where there is a keyboard.
 *   class: instead of the ordinary column; kind: of its button; idle: there is nothing to send; name: for those who do not see it.
 *   children: may be a function, which is handed what is wrong with a field by its name.
 */
export function AskForm({ title, intro, label, run, card = true, start = true, class: shape = "stack ask", kind = "accent wide tall", idle = false, name, children }) {
  const { t, i18n, errorText } = useApp();
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const [wrong, setWrong] = useState(/** @type {Record<string, [key: string, values: Record<string, unknown>]>} */ ({}));
  /** @returns {Control[]} */
  const controls = () => /** @type {Control[]} */ ([...(form.current?.elements ?? [])].filter((one) => "validity" in one && /** @type {Control} */ (one).name));
  /** @param {Record<string, [key: string, values: Record<string, unknown>]>} found */
  const complain = (found) => {
    setWrong(found);
    controls().find(({ name }) => found[name])?.focus();
  };
  useEffect(() => {
    if (start && matchMedia("(hover: hover)").matches) controls()[0]?.focus({ preventScroll: true });
  }, []);
  /** @param {any} error */
  const refused = (error) => {
    const field = error.facts?.field ?? FIELD_OF[error.code];
    if (!controls().some(({ name }) => name === field)) return setTrouble(errorText(error));
    return complain({ [field]: [refusalKey(error.code, field, i18n), error.facts ?? {}] });
  };
  /** @param {Event} event */
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setTrouble("");
    const found = Object.fromEntries(controls().flatMap((one) => { const said = complaint(/** @type {any} */ (one)); return said ? [[one.name, said]] : []; }));
    complain(found);
    if (Object.keys(found).length) return;
    setBusy(true);
    try {
      await run();
    } catch (error) {
      refused(error);
    } finally {
      setBusy(false);
    }
  };
  /** @param {Event} event what is being mended is not complained about any longer */
  const mended = (event) => {
    const { name } = /** @type {Control} */ (event.target);
    if (wrong[name]) setWrong(Object.fromEntries(Object.entries(wrong).filter(([one]) => one !== name)));
  };
  /** @param {string} name @returns {string | null} */
  const errorOf = (name) => (wrong[name] ? t(...wrong[name]) : null);
  return html`<form class=${`${shape} ${card ? "card" : ""}`} ref=${form} novalidate aria-label=${name} aria-busy=${String(busy)} onSubmit=${submit} onInput=${mended}>
    ${title && html`<h1 class="ask__title">${title}</h1>`}
    ${intro && html`<p class="ask__intro">${intro}</p>`}
    ${typeof children === "function" ? children(errorOf) : children}
    ${trouble && html`<p class="notice notice--trouble" role="alert"><${Icon} name="alert" /><span>${trouble}</span></p>`}
    <${Button} type="submit" kind=${kind} busy=${busy} disabled=${idle}>${label}<//>
  </form>`;
}
