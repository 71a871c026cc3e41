/** What the server remembers of this person for buying, as the parts of the page share it. */

import { useEffect, useState } from "../../vendor/preact.js";
import { useApp, usePerson } from "../../views/app.js";

/** @typedef {{id: string, provider: string, label: string}} SavedMeans */
/** @typedef {{contact: import("../../lib/types.js").Contact | null, address: import("../../lib/types.js").Address | null, shipping: Record<string, string>, means: SavedMeans[]}} SavedBuyer */
/** @typedef {{name: string, flow: string, instructions: string | null}} PaymentMethod */
/** @typedef {{saved: SavedBuyer | null, methods: PaymentMethod[], again: () => void}} BuyerFacts saved: null until it is known */

/**
 * Asks once there is a session, anew for another person, and when told to.
 * @param {string} shop
 * @param {boolean} ready whether somebody is signed in or a guest
 * @returns {BuyerFacts}
 */
export function useBuyer(shop, ready) {
  const { api } = useApp();
  const person = usePerson();
  const [saved, setSaved] = useState(/** @type {SavedBuyer | null} */ (null));
  const [methods, setMethods] = useState(/** @type {PaymentMethod[]} */ ([]));
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!ready) return undefined;
    let wanted = true;
    // Without an answer the form is filled in by hand: nothing is lost, and the next purchase asks again.
    api.get("/me/buying").then((answer) => wanted && setSaved(answer), () => {});
    return () => {
      wanted = false;
    };
  }, [ready, person?.id, round]);
  useEffect(() => {
    let wanted = true;
    api.get(`/shops/${shop}/payment-methods`).then((answer) => wanted && setMethods(answer.methods), () => {});
    return () => {
      wanted = false;
    };
  }, [shop, round]);
  return { saved, methods, again: () => setRound((count) => count + 1) };
}
