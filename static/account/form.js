/** One way for all forms of the account: fields, busy, what went wrong where. */

import { html, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { useFocusOnError } from "../views/field.js";

/** Codes that belong to a field. @type {Record<string, string>} */
const FIELD_OF = { wrong_password: "password", weak_password: "password", email_taken: "email", bad_email: "email", bad_name: "name", name_taken: "name" };

/**
 * @template {Record<string, string>} T
 * @param {T} initial values by field
 * @param {(values: T) => Promise<void>} send
 * @param {(keyof T)[]} [required] all fields, unless named
 */
export function useForm(initial, send, required = Object.keys(initial)) {
  const { t, errorText } = useApp();
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const [busy, setBusy] = useState(false);
  const [refusals, countRefusal] = useState(0);
  useFocusOnError(refusals);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const empty = required.filter((name) => !values[name].trim());
    setProblem(null);
    setErrors(Object.fromEntries(empty.map((name) => [name, t("error.required")])));
    if (empty.length) return countRefusal((count) => count + 1);
    setBusy(true);
    try {
      await send(values);
    } catch (error) {
      refused(error);
    }
    setBusy(false);
  };
  const field = (/** @type {keyof T & string} */ name) => ({
    name, value: values[name], error: errors[name] ?? null,
    onInput: (/** @type {string} */ value) => {
      setValues((now) => ({ ...now, [name]: value }));
      setErrors(({ [name]: _mended, ...others }) => others);
    },
  });
  return { values, setValues, submit, field, problem, busy };

  /** @param {unknown} error */
  function refused(error) {
    const { code = "", facts = {} } = /** @type {{code?: string, facts?: Record<string, any>}} */ (error);
    const named = code === "invalid" ? facts.field : FIELD_OF[code];
    const at = named in initial ? named : Object.keys(initial).find((name) => name.endsWith(named ?? " "));
    if (!at) return setProblem(errorText(error));
    countRefusal((count) => count + 1);
    return setErrors({ [at]: code === "invalid" ? t("error.invalid_field") : errorText(error) });
  }
}

/**
 * The frame of a form: heading, a sentence, fields, the one button.
 * @param {{title: string, text?: string, form: {submit: (event: Event) => void, problem: string | null, busy: boolean}, button: string, children?: unknown, after?: unknown, level?: 1 | 2}} props
 */
export function FormCard({ title, text, form, button, children, after, level = 1 }) {
  return html`<form class="card stack" onSubmit=${form.submit} novalidate>
    <div class="stack stack--tight">${level === 1 ? html`<h1>${title}</h1>` : html`<h2>${title}</h2>`}${text && html`<p class="quiet">${text}</p>`}</div>
    ${children}
    ${form.problem && html`<p class="notice notice--trouble" role="alert">${form.problem}</p>`}
    <${Button} kind=${level === 1 ? "accent wide tall" : ""} type="submit" busy=${form.busy}>${button}<//>
    ${after}
  </form>`;
}
