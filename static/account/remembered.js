/** What is remembered for buying: seen, changed, forgotten. */

import { html, useState } from "../vendor/preact.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { useFocusOnError } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { SkeletonLines } from "../views/skeleton.js";
import { useAttempt } from "../views/use_attempt.js";
import { AddressForm, AddressText, asRequest, detailsOf, missing } from "../viewer/buying/address_form.js";

/** @typedef {import("../viewer/buying/use_buyer.js").SavedBuyer} SavedBuyer */
/** @typedef {import("../viewer/buying/address_form.js").Details} Details */

/** No props. */
export function Remembered() {
  const { t, api, errorText, toasts } = useApp();
  const attempt = useAttempt();
  const loaded = useLoad(() => /** @type {Promise<SavedBuyer>} */ (api.get("/me/buying")), []);
  const [editing, setEditing] = useState(false);
  const saved = loaded.value;
  /** @param {() => Promise<unknown>} run @param {string} told */
  const change = async (run, told) => {
    if (!(await attempt(run))) return;
    loaded.again();
    toasts.show(told);
  };
  return html`<section class="card stack"><h2>${t("saved.title")}</h2>${body()}</section>`;

  function body() {
    if (loaded.error) return html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>`;
    if (!saved) return html`<${SkeletonLines} lines=${3} label=${t("loading")} />`;
    const details = detailsOf(saved);
    if (!details && !saved.means.length) return html`<p class="quiet">${t("saved.nothing")}</p>`;
    if (editing && details) return html`<${Edit} details=${details} onDone=${() => { setEditing(false); loaded.again(); }} />`;
    return html`
      ${details && html`<div class="row row--spread saved"><${AddressText} details=${details} pickup=${!details.country} /><${Button} kind="small" onClick=${() => setEditing(true)}>${t("saved.change")}<//></div>`}
      ${saved.means.length > 0 && html`<div class="stack stack--tight"><h3>${t("saved.means")}</h3><ul>${saved.means.map((means) => html`<li key=${means.id} class="row row--spread"><span>${means.label}</span>
        <${Button} kind="quiet round" label=${t("saved.forget_one", { name: means.label })} onClick=${() => change(() => api.delete(`/me/buying/means/${means.id}`), t("saved.forgotten"))}><${Icon} name="trash" /><//></li>`)}</ul></div>`}
      <${Button} kind="quiet" onClick=${() => change(() => api.delete("/me/buying"), t("saved.forgotten"))}><${Icon} name="trash" />${t("saved.forget")}<//>`;
  }
}

/** @param {{details: Details, onDone: () => void}} props */
function Edit({ details: first, onDone }) {
  const { t, api, errorText } = useApp();
  const [details, setDetails] = useState(first);
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [refusals, countRefusal] = useState(0);
  useFocusOnError(refusals);
  const who = !details.country;
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const wrong = missing(details, who);
    setErrors(Object.fromEntries(Object.entries(wrong).map(([name, key]) => [name, t(key)])));
    setProblem("");
    if (Object.keys(wrong).length) return countRefusal((count) => count + 1);
    setBusy(true);
    try {
      const { contact, address } = asRequest(details, who);
      await api.put("/me/buying", { contact, address: who ? null : address });
      return onDone();
    } catch (error) {
      const { code, facts } = /** @type {{code?: string, facts?: {field?: string}}} */ (error);
      const field = facts?.field?.split(".").pop() ?? "";
      setBusy(false);
      if (code !== "invalid" || !(field in details)) return setProblem(errorText(error));
      setErrors({ [field]: t("error.invalid_field") });
      return countRefusal((count) => count + 1);
    }
  };
  return html`<form class="stack" onSubmit=${submit} novalidate>
    <${AddressForm} details=${details} errors=${errors} onChange=${(/** @type {Details} */ next) => { setDetails(next); setErrors({}); }} />
    ${problem && html`<p class="notice notice--trouble" role="alert">${problem}</p>`}
    <div class="row row--wrap"><${Button} kind="accent" type="submit" busy=${busy}>${t("save")}<//><${Button} kind="quiet" onClick=${onDone}>${t("cancel")}<//></div>
  </form>`;
}
