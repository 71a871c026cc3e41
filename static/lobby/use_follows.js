/** Which shops this person follows, for all the cards at once. */

import { useState } from "../vendor/preact.js";
import { useApp, useLoad, usePerson } from "../views/app.js";

/**
 * @returns {{follows: (shop: string) => boolean, changed: (shop: string, following: boolean) => void}}
 */
export function useFollows() {
  const { api } = useApp();
  const person = usePerson();
  const loaded = useLoad(async () => {
    if (!person) return new Set();
    const { follows } = await api.get("/me/follows");
    return new Set(follows.map((/** @type {{shop: {id: string}}} */ one) => one.shop.id));
  }, [person?.id]);
  const [own, setOwn] = useState(/** @type {Record<string, boolean>} what was pressed since */ ({}));
  return {
    follows: (shop) => own[shop] ?? loaded.value?.has(shop) ?? false,
    changed: (shop, following) => setOwn((now) => ({ ...now, [shop]: following })),
  };
}
