/** Where j and k lead in a list from which what was chosen may be gone by now. No DOM. */

/**
 * @param {readonly string[]} all ids in their order, also of what is gone or filtered out
 * @param {ReadonlySet<string>} shown those that can be chosen
 * @param {string} chosen an id, or "" when nothing is chosen
 * @param {number} by 1 or -1
 * @returns {string | null} the id to choose; null when nothing is shown
 */
export function stepFrom(all, shown, chosen, by) {
  const at = all.indexOf(chosen);
  if (at < 0) return all.findLast((id) => shown.has(id)) ?? null;
  const onward = by > 0 ? all.slice(at + 1) : all.slice(0, at).reverse();
  const back = by > 0 ? all.slice(0, at + 1).reverse() : all.slice(at);
  return [...onward, ...back].find((id) => shown.has(id)) ?? null;
}
