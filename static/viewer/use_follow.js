/** Whether this person follows the show's shop, and how many do. */

import { useApp, useLoad, usePerson } from "../views/app.js";

/**
 * @param {string} shop
 * @returns {{following: import("../views/follow_button.js").Following | null, setFollowing: (now: import("../views/follow_button.js").Following) => void}}
 *   null until it is known
 */
export function useFollow(shop) {
  const { api } = useApp();
  const person = usePerson();
  const loaded = useLoad(() => /** @type {Promise<import("../views/follow_button.js").Following>} */ (api.get(`/shops/${shop}/follow`)), [shop, person?.id]);
  return { following: loaded.value, setFollowing: loaded.set };
}
