/** What the buyer asked for, and the host's answers to it. */

import { html, useState } from "../../vendor/preact.js";
import { formatDay } from "../../lib/clock.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { Field } from "../../views/field.js";
import { unitsText } from "./order_history.js";

/** @typedef {import("../../lib/types.js").AfterSale} AfterSale */
/** @typedef {import("../../lib/types.js").Return} Return */
/** @typedef {{after: AfterSale, busy: string, act: import("./order_desk.js").Act, onOpen: (open: import("./order_desk.js").Open) => void}} Props */

/** @param {Props} props */
export function Requests({ after, busy, act, onOpen }) {
  const { t } = useApp();
  if (!after.returns.length) return null;
  return html`<section class="card stack" aria-label=${t("desk.requests")}><h2>${t("desk.requests")}</h2>
    <ul class="stack">${after.returns.map((one) => html`<${Request} key=${one.id} one=${one} after=${after} busy=${busy} act=${act} onOpen=${onOpen} />`)}</ul></section>`;
}

/** @param {Props & {one: Return}} props */
function Request({ one, after, busy, act, onOpen }) {
  const { t, i18n, clock } = useApp();
  const open = one.state === "asked" || one.state === "received";
  return html`<li class=${`desk-event ${open ? "desk-event--open" : ""}`}>
    <p class="row row--wrap"><span class=${`badge ${open ? "badge--accent" : ""}`}>${t(`desk.kind.${one.kind}`)}</span><span class="badge">${t(`desk.return.${one.state}`)}</span>
      <span class="small quiet">${formatDay(one.created_at_ms, i18n.locale, clock.now_ms())}</span></p>
    <p>${unitsText(after, one.lines)}</p>
    ${one.reason && html`<blockquote class="desk-quote">${one.reason}</blockquote>`}
    ${one.answer && html`<p class="small quiet">${t("desk.answered", { answer: one.answer })}</p>`}
    ${open && html`<${Answers} one=${one} after=${after} busy=${busy} act=${act} onOpen=${onOpen} />`}</li>`;
}

/** @param {Props & {one: Return}} props */
function Answers({ one, after, busy, act, onOpen }) {
  const { t } = useApp();
  const [saying, setSaying] = useState(false);
  const [words, setWords] = useState("");
  const to = `/returns/${one.id}`;
  const calls_off = after.may.includes("cancel");
  if (saying) {
    return html`<div class="stack stack--tight"><${Field} name=${`answer-${one.id}`} label=${t("desk.answer_why")} value=${words} onInput=${setWords} rows="2" maxlength="500" optional />
      <p class="row row--wrap"><${Button} kind="danger small" busy=${busy === one.id} onClick=${() => act(one.id, to, { action: "decline", answer: words })}>${t("desk.decline")}<//>
        <${Button} kind="quiet small" onClick=${() => setSaying(false)}>${t("back")}<//></p></div>`;
  }
  return html`<p class="row row--wrap">
    ${calls_off && html`<${Button} kind="accent small" onClick=${() => onOpen({ kind: "cancel" })}>${t("desk.cancel_refund")}<//>`}
    ${!calls_off && one.state === "asked" && html`<${Button} kind="accent small" busy=${busy === one.id} onClick=${() => act(one.id, to, { action: "received" })}>${t("desk.received")}<//>`}
    ${!calls_off && after.may.includes("refund") && html`<${Button} kind=${one.state === "received" ? "accent small" : "small"} onClick=${() => onOpen({ kind: "refund", of: one })}>${t("desk.refund")}<//>`}
    ${one.kind !== "withdrawal" && one.state === "asked" && html`<${Button} kind="quiet small" onClick=${() => setSaying(true)}>${t("desk.decline")}<//>`}
    ${!calls_off && one.state === "received" && html`<${Button} kind="quiet small" busy=${busy === `${one.id} close`} onClick=${() => act(`${one.id} close`, to, { action: "close" })}>${t("desk.close")}<//>`}</p>`;
}
