/** The name of a buyer in the room. No DOM. */

/** What the server says of somebody whose name it does not show. */
const NAMELESS = "Someone";

/**
 * @param {import("./i18n.js").Translate} t @param {string} name as the fact of an order says it
 * @returns {string} in the reader's language when it is nobody's own
 */
export function buyerName(t, name) {
  return name === NAMELESS ? t("order.someone") : name;
}
