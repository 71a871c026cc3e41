/** Reordering. */

/**
 * @template T
 * @param {readonly T[]} list @param {number} from @param {number} to
 * @returns {T[]} with one item moved
 */
export function moved(list, from, to) {
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}
