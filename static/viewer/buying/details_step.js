/** What is held, until when, where it goes, who sells it, the total; then Pay. */

import { html, useMemo, useRef, useState } from "../../vendor/preact.js";
import { formatTime } from "../../lib/clock.js";
import { likelyCountry } from "../../lib/countries.js";
import { newKey } from "../../lib/ids.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { Countdown } from "../../views/countdown.js";
import { Field, useFocusOnError } from "../../views/field.js";
import { SellerCard } from "../about_sheet.js";
import { useShow } from "../show_context.js";
import { AddressForm, AddressText, asRequest, detailsOf, emptyDetails, missing } from "./address_form.js";
import { heldUntil_ms, totalOf_minor } from "./flow.js";
import { HeldLines } from "./held_lines.js";
import { PaymentTab } from "./payment_tab.js";
import { takeName } from "../name_sheet.js";

const URGENT_MS = 60_000;

/** @typedef {import("../../lib/types.js").Reservation} Reservation */

/**
 * @param {{reservations: Reservation[], onChanged: (next: Reservation[]) => void,
 *   onOrder: (order: import("../../lib/types.js").Order, pay_url: string | null) => void, onOver: (how: "too_late" | "released") => void}} props
 */
export function DetailsStep({ reservations, onChanged, onOrder, onOver }) {
  const { t, money, i18n } = useApp();
  const { shop } = useShow();
  const form = usePaying(reservations, onOrder, onOver);
  const until_ms = heldUntil_ms(reservations);
  const { currency } = reservations[0];
  const total = money(totalOf_minor(reservations), currency);
  return html`<form class="stack" onSubmit=${form.submit} novalidate>
    <p class="held held--above"><span>${t("buy.held_until", { time: formatTime(until_ms, i18n.locale) })}</span>
      <${Countdown} until_ms=${until_ms} urgent_ms=${URGENT_MS} onEnd=${() => onOver("too_late")} /></p>
    <${HeldLines} reservations=${reservations} onChanged=${onChanged} />
    ${form.saved && !form.editing
      ? html`<section class="card card--flat row row--spread saved"><div><b class="small">${t("buy.send_to")}</b><${AddressText} details=${form.details} /></div>
          <${Button} kind="small" onClick=${form.edit}>${t("buy.change")}<//></section>`
      : html`<${AddressForm} details=${form.details} onChange=${form.change} errors=${form.errors} />`}
    <label class="check"><input type="checkbox" checked=${form.announce} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => form.setAnnounce(event.currentTarget.checked)} />
      <span class="small">${t("buy.announce")}</span></label>
    ${form.announce && !form.named && html`<${RoomName} form=${form} />`}
    <p class="small row row--spread"><span class="quiet">${t("buy.pay_with")}</span><span>${t("buy.method_sandbox")}</span></p>
    <${SellerCard} shop=${shop} />
    ${form.problem && html`<p class="notice notice--trouble" role="alert">${form.problem}</p>`}
    <div class="step-foot">
      <p class="row row--spread big"><span>${t("buy.total")}</span><span class="figures">${total}</span></p>
      <${Button} kind="accent wide tall" type="submit" busy=${form.busy}>${t("buy.pay", { total })}<//>
    </div>
  </form>`;
}

/** A guest may say what they are called when the room hears of it. @param {{form: ReturnType<typeof usePaying>}} props */
function RoomName({ form }) {
  const { t } = useApp();
  return html`<div class="stack stack--tight"><${Field} name="room-name" label=${t("name.label")} hint=${t("name.why_buy")} placeholder=${t("name.placeholder")} optional=${true}
      maxlength="40" autocomplete="nickname" value=${form.roomName} error=${form.errors.room_name ?? null} onInput=${form.setRoomName} />
    <a class="small address__account" href=${`/account#next=${encodeURIComponent(location.pathname)}`} target="_blank">${t("name.or_sign_in")}</a></div>`;
}

/**
 * The form's state, and the press on Pay.
 * @param {Reservation[]} reservations
 * @param {(order: import("../../lib/types.js").Order, pay_url: string | null) => void} onOrder
 * @param {(how: "too_late") => void} onOver
 */
function usePaying(reservations, onOrder, onOver) {
  const { t, errorText, session } = useApp();
  const { counter, state, room } = useShow();
  const saved = useMemo(() => detailsOf(state.you?.last_order), []);
  const [details, setDetails] = useState(() => saved ?? { ...emptyDetails(likelyCountry(navigator.languages)), email: session.person?.email ?? "", name: session.person?.kind === "account" ? session.person.name : "" });
  const [editing, setEditing] = useState(!saved);
  const [announce, setAnnounce] = useState(session.person?.announce_purchases ?? true);
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const [roomName, setRoomName] = useState("");
  const [busy, setBusy] = useState(false);
  const press = useRef({ key: newKey(), of: "" });
  const [refusals, countRefusal] = useState(0);
  useFocusOnError(refusals);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const wrong = missing(details);
    setErrors(Object.fromEntries(Object.entries(wrong).map(([name, key]) => [name, t(key)])));
    setProblem(null);
    if (Object.keys(wrong).length) {
      countRefusal((count) => count + 1);
      return setEditing(true);
    }
    const tab = new PaymentTab();
    tab.open();
    setBusy(true);
    const checkout = { reservations: reservations.map(({ id }) => id), announce, ...asRequest(details) };
    // The same press repeated is the same operation; other details are another one.
    const of = JSON.stringify(checkout);
    if (press.current.of && press.current.of !== of) press.current.key = newKey();
    press.current.of = of;
    try {
      if (announce && roomName.trim()) await takeName(room, session, roomName.trim());
      const { order, pay_url } = await counter.placeOrder(checkout, press.current.key);
      if (pay_url) tab.go(pay_url);
      else tab.close();
      return onOrder(order, pay_url);
    } catch (error) {
      tab.close();
      setBusy(false);
      return refused(error);
    }
  };
  /** What is being mended is not called wrong any more. */
  const change = (/** @type {import("./address_form.js").Details} */ next) => {
    setDetails(next);
    setErrors((now) => Object.fromEntries(Object.entries(now).filter(([name]) => !(name in next) || next[/** @type {keyof typeof next} */ (name)] === details[/** @type {keyof typeof next} */ (name)])));
  };
  return { details, change, saved, editing, edit: () => setEditing(true), named: session.named, roomName, setRoomName, announce, setAnnounce, errors, problem, busy, submit };

  /** @param {unknown} error */
  function refused(error) {
    const { code, facts } = /** @type {{code?: string, facts?: Record<string, any>}} */ (error);
    countRefusal((count) => count + 1);
    if (code === "name_taken" || code === "bad_name") return setErrors({ room_name: errorText(error) });
    if (code === "reservation_ended" || code === "no_such_reservation") return onOver("too_late");
    const field = typeof facts?.field === "string" ? facts.field.split(".").pop() ?? "" : "";
    if (code === "invalid" && field in details) {
      setEditing(true);
      return setErrors({ [field]: t("error.invalid_field") });
    }
    return setProblem(errorText(error));
  }
}

