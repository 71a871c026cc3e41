/** What units of an order come to in a refund; the same sums as the server's `commerce/returns/amounts.py`. */

/** @typedef {import("../types.js").LineAfter} LineAfter */

/**
 * What so many more units of a line cost, those of earlier refunds counted first.
 * @param {LineAfter} line
 * @param {number} quantity
 * @returns {number} minor units
 */
export function unitsCost_minor({ paid_minor, quantity: all, returned }, quantity) {
  return Math.floor((paid_minor * (returned + quantity)) / all) - Math.floor((paid_minor * returned) / all);
}

/**
 * @param {readonly LineAfter[]} lines
 * @param {Readonly<Record<number, number>>} chosen units by position
 * @returns {number} minor units
 */
export function chosenCost_minor(lines, chosen) {
  return lines.reduce((sum, line) => sum + unitsCost_minor(line, chosen[line.position] ?? 0), 0);
}

/**
 * The chosen units as the API takes them.
 * @param {Readonly<Record<number, number>>} chosen
 * @returns {import("../types.js").LineUnits[]}
 */
export function chosenUnits(chosen) {
  return Object.entries(chosen).filter(([, quantity]) => quantity > 0).map(([position, quantity]) => ({ position: Number(position), quantity }));
}
