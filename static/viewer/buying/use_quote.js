/** What the reservations on the sheet cost at the place on the sheet: asked anew whenever one of them changes. */

import { useEffect, useState } from "../../vendor/preact.js";
import { regionsOf } from "../../lib/words/places.js";
import { useShow } from "../show_context.js";
import { wantedOf } from "./flow.js";

/** @typedef {import("../../lib/types.js").Quote} Quote */
/** @typedef {import("../../lib/types.js").Reservation} Reservation */

/**
 * @param {Reservation[]} reservations
 * @param {{country: string, region: string}} place
 * @param {string | null} shipping the wanted method
 * @returns {{quote: Quote | null, fresh: boolean, error: unknown, again: () => void}} quote: the latest one; fresh: it is of what is on the sheet; without a country there is none to wait for
 */
export function useQuote(reservations, { country, region }, shipping) {
  const { counter } = useShow();
  const [answer, setAnswer] = useState(/** @type {{of: string, quote: Quote | null, error: unknown}} */ ({ of: "", quote: null, error: null }));
  const [round, setRound] = useState(0);
  const { show: _, ...parts } = wantedOf(reservations);
  const wanted = { ...parts, country, region: regionsOf(country).length ? region || null : null, shipping };
  const of = JSON.stringify([wanted, reservations.map(({ lines }) => lines.map(({ pool, quantity }) => [pool, quantity])), round]);
  useEffect(() => {
    if (!country) return undefined;
    let current = true;
    counter.quote(wanted).then((quote) => current && setAnswer({ of, quote, error: null }), (error) => current && setAnswer({ of, quote: null, error }));
    return () => {
      current = false;
    };
  }, [of]);
  return { quote: country ? answer.quote : null, fresh: !country || answer.of === of, error: answer.error, again: () => setRound((count) => count + 1) };
}
