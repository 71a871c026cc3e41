/** A labelled input with its hint and its error; the error is said when it appears. */

import { html, useEffect } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { Icon } from "./icon.js";

/**
 * @param {{name: string, label: string, value: string, onInput: (value: string) => void, type?: string, hint?: string | null,
 *   error?: string | null, optional?: boolean, options?: {value: string, label: string}[] | null, rows?: number, [other: string]: unknown}} props
 *   options: makes it a select; rows: makes it a text area
 */
export function Field({ name, label, value, onInput, type = "text", hint = null, error = null, optional = false, options = null, rows = 0, ...rest }) {
  const { t } = useApp();
  const id = `field-${name}`;
  const told = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || null;
  const shared = {
    ...rest, id, name, class: "input", value, required: !optional, "aria-describedby": told,
    "aria-invalid": error ? "true" : null,
    onInput: (/** @type {{currentTarget: HTMLInputElement}} */ event) => onInput(event.currentTarget.value),
  };
  let control = html`<input ...${shared} type=${type} />`;
  if (rows) control = html`<textarea ...${shared} rows=${rows}></textarea>`;
  if (options) control = html`<select ...${shared}>${options.map((one) => html`<option value=${one.value} selected=${one.value === value}>${one.label}</option>`)}</select>`;
  return html`<div class="field">
    <label class="field__label" for=${id}>${label}${optional && html` <span class="field__optional">${t("optional")}</span>`}</label>
    ${control}
    ${hint && html`<span class="field__hint" id=${`${id}-hint`}>${hint}</span>`}
    ${error && html`<span class="field__error" id=${`${id}-error`} role="alert"><${Icon} name="alert" />${error}</span>`}
  </div>`;
}

/** Brings the first wrong field into view. @param {number} refusals how often the form was sent and found wrong */
export function useFocusOnError(refusals) {
  useEffect(() => {
    if (!refusals) return;
    const first = /** @type {HTMLElement | null} */ (document.querySelector("form [aria-invalid='true']"));
    first?.focus();
  }, [refusals]);
}
