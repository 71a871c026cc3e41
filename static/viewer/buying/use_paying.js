/** The state of the sheet before payment, and the press on Pay. */

import { useEffect, useMemo, useRef, useState } from "../../vendor/preact.js";
import { likelyCountry } from "../../lib/words/countries.js";
import { newKey } from "../../lib/ids.js";
import { useApp } from "../../views/app.js";
import { useFocusOnError } from "../../views/field.js";
import { useAttempt } from "../../views/use_attempt.js";
import { takeName } from "../name_sheet.js";
import { useShow } from "../show_context.js";
import { asRequest, detailsOf, emptyDetails, missing } from "./address_form.js";
import { paymentOptions } from "./payment_choice.js";
import { wantedOf } from "./flow.js";
import { PaymentTab } from "./payment_tab.js";
import { useQuote } from "./use_quote.js";

/** @typedef {import("../../lib/types.js").Reservation} Reservation */
/** @typedef {import("../../lib/types.js").Order} Order */
/** @typedef {import("./address_form.js").Details} Details */

/**
 * @param {Reservation[]} reservations
 * @param {(order: Order, pay_url: string | null) => void} onOrder
 * @param {(how: "too_late") => void} onOver
 */
export function usePaying(reservations, onOrder, onOver) {
  const { t, api, errorText, session, money, toasts } = useApp();
  const attempt = useAttempt();
  const { counter, state, room, buyer, shop } = useShow();
  const saved = useMemo(() => detailsOf(buyer.saved) ?? detailsOf(state.you?.last_order), [buyer.saved]);
  const [details, setDetails] = useState(() => startDetails(saved, session.person));
  const [editing, setEditing] = useState(!saved);
  const [shipping, setShipping] = useState(buyer.saved?.shipping[shop.id ?? ""] ?? null);
  const [payment, setPayment] = useState(/** @type {string | null} */ (null));
  const [save, setSave] = useState(false);
  const [announce, setAnnounce] = useState(session.person?.announce_purchases ?? true);
  const [errors, setErrors] = useState(/** @type {Record<string, string>} */ ({}));
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const [roomName, setRoomName] = useState("");
  const [busy, setBusy] = useState(false);
  const press = useRef({ key: newKey(), of: "" });
  const [refusals, countRefusal] = useState(0);
  useFocusOnError(refusals);
  useLateDetails(saved, details, setDetails, setEditing);
  const { quote, fresh, error, again } = useQuote(reservations, details, shipping);
  useEffect(() => {
    if (error) refused(error);
  }, [error]);
  const options = paymentOptions(buyer);
  const option = options.find(({ id }) => id === payment) ?? options[0] ?? null;
  const pickup = quote?.methods.find(({ id }) => id === quote.shipping)?.kind === "pickup";
  // A remembered person without address (they picked up before) still has to say where it goes.
  const incomplete = Object.keys(missing(details, pickup)).length > 0;
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setProblem(null);
    if (incomplete) return complain();
    if (busy || !quote || !fresh || !option) return undefined;
    // Where nothing but the shop has to be asked, no tab opens: the answer is the end.
    const tab = option.means || option.flow === "manual" ? null : new PaymentTab();
    tab?.open();
    setBusy(true);
    const checkout = {
      ...wantedOf(reservations), announce, save, shipping: quote.shipping, total_minor: quote.total_minor,
      method: option.method, means: option.means, ...asRequest(details, pickup),
    };
    // The same press repeated is the same operation; other details are another one.
    const of = JSON.stringify(checkout);
    if (press.current.of && press.current.of !== of) press.current.key = newKey();
    press.current.of = of;
    try {
      if (announce && roomName.trim()) await takeName(room, session, roomName.trim());
      const { order, pay_url } = await counter.placeOrder(checkout, press.current.key);
      // The room says so, too, a moment later; until then the bag must not offer what this order has.
      const held = order.state === "pending" ? "paying" : "committed";
      for (const one of reservations) room.learn({ event: "reservation", reservation: { ...one, state: held } });
      if (pay_url && tab) tab.go(pay_url);
      else tab?.close();
      return onOrder(order, pay_url);
    } catch (fault) {
      tab?.close();
      setBusy(false);
      return refused(fault);
    }
  };
  /** What is being mended is not called wrong any more. */
  const change = (/** @type {Details} */ next) => {
    setDetails(next);
    setErrors((now) => Object.fromEntries(Object.entries(now).filter(([name]) => !(name in next) || next[/** @type {keyof Details} */ (name)] === details[/** @type {keyof Details} */ (name)])));
  };
  return {
    details, change, editing: editing || incomplete, edit: () => setEditing(true), remembered: !!buyer.saved?.contact, forget, pickup, quote, fresh, shipping, setShipping, options, option, setPayment,
    save, setSave, named: session.named, roomName, setRoomName, announce, setAnnounce, errors, problem, busy, submit,
  };

  async function forget() {
    if (!(await attempt(() => api.delete("/me/buying")))) return;
    buyer.again();
    setDetails(startDetails(null, session.person));
    setEditing(true);
    toasts.show(t("saved.forgotten"));
  }

  function complain() {
    setErrors(Object.fromEntries(Object.entries(missing(details, pickup)).map(([name, key]) => [name, t(key)])));
    countRefusal((count) => count + 1);
    setEditing(true);
  }

  /** @param {unknown} fault */
  function refused(fault) {
    const { code, facts } = /** @type {{code?: string, facts?: Record<string, any>}} */ (fault);
    countRefusal((count) => count + 1);
    if (code === "name_taken" || code === "bad_name") return setErrors({ room_name: errorText(fault) });
    if (code === "reservation_ended" || code === "no_such_reservation") return onOver("too_late");
    if (code === "total_changed" || code === "shipping_gone") {
      again();
      const now = facts?.quote;
      return setProblem(t(`buy.${code}`, { was: money(quote?.total_minor ?? 0, now.currency), total: money(now.total_minor, now.currency) }));
    }
    if (code === "invalid" && facts?.field === "means") {
      buyer.again();
      return setProblem(t("buy.means_gone"));
    }
    const field = typeof facts?.field === "string" ? facts.field.split(".").pop() ?? "" : "";
    if (code === "invalid" && field in details) {
      setEditing(true);
      return setErrors({ [field]: t("error.invalid_field") });
    }
    return setProblem(errorText(fault));
  }
}

/**
 * @param {Details | null} saved
 * @param {import("../../lib/types.js").Person | null} person
 * @returns {Details}
 */
function startDetails(saved, person) {
  const empty = { ...emptyDetails(likelyCountry(navigator.languages)), email: person?.email ?? "", name: person?.kind === "account" ? person.name : "" };
  if (!saved) return empty;
  return saved.country ? saved : { ...saved, country: empty.country };
}

/**
 * What was remembered may arrive after the sheet opened: it fills a form nobody wrote in yet.
 * @param {Details | null} saved
 * @param {Details} details
 * @param {(details: Details) => void} setDetails
 * @param {(editing: boolean) => void} setEditing
 */
function useLateDetails(saved, details, setDetails, setEditing) {
  const before = useRef(saved);
  useEffect(() => {
    if (saved && !before.current && !details.line1 && !details.phone) {
      setDetails(saved);
      setEditing(false);
    }
    before.current = saved;
  }, [saved]);
}
