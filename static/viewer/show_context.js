/** What the parts of the show page share. */

import { createContext, useContext } from "../vendor/preact.js";

/** @typedef {import("../lib/types.js").Show} Show */
/**
 * @typedef {object} ShowShared
 * @property {Show} show as it was loaded; what changes is in `state`
 * @property {import("../lib/types.js").Seller & {accent?: string}} shop
 * @property {import("../lib/room/room_state.js").RoomState} state
 * @property {import("../lib/room/room.js").RoomClient} room
 * @property {import("./buying/counter.js").Counter} counter
 * @property {import("./buying/use_buyer.js").BuyerFacts} buyer what is remembered of this person, and how this shop is paid
 * @property {"scheduled"|"live"|"ended"} phase
 * @property {ReturnType<import("./use_follow.js").useFollow>} follow how this person stands to the shop
 * @property {import("./use_translations.js").Translations} translations
 * @property {boolean} wide three columns
 * @property {(sheet: Sheet | null) => void} openSheet
 * @property {() => Promise<boolean>} askName false when the person thought better of it
 * @property {import("../lib/types.js").Comment | null} replying what the next comment answers
 * @property {(comment: import("../lib/types.js").Comment | null) => void} answer begins or ends an answer
 */
/**
 * @typedef {{kind: "products"} | {kind: "bag"} | {kind: "about"} | {kind: "questions"} | {kind: "follow"} | {kind: "remind"} | {kind: "share", product: string | null, chosen: boolean} | {kind: "supporters"}
 *   | {kind: "buy", product: string, look?: boolean}
 *   | {kind: "pay", reservations: string[]}
 *   | {kind: "order", order: string}
 *   | {kind: "report" | "picture", comment: import("../lib/types.js").Comment} | {kind: "unban"}} Sheet
 */

export const ShowContext = createContext(/** @type {ShowShared | null} */ (null));

/** @returns {ShowShared} */
export function useShow() {
  const shared = useContext(ShowContext);
  if (!shared) throw new Error("No show around this component.");
  return shared;
}
