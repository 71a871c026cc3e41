/** Follow a shop, or stop. Who cannot be told yet is asked for an address first. */

import { html, useState } from "../vendor/preact.js";
import { ApiError } from "../lib/server/api.js";
import { useApp } from "./app.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";

/** @typedef {{following: boolean, by_mail: boolean, followers: number, reachable: boolean}} Following as the API says it */

/**
 * @param {{shop: {id: string, name: string}, following: boolean, onChange: (now: Following) => void, onAsk: () => void, reachable?: boolean, kind?: string, brief?: boolean}} props
 *   onAsk: opens the sheet that asks for an address; reachable: false when it is known that an address is missing; brief: no mark before the word, and a mark alone once one follows
 */
export function FollowButton({ shop, following, onChange, onAsk, reachable = true, kind = "small", brief = false }) {
  const { t, api, session, toasts, errorText } = useApp();
  const [busy, setBusy] = useState(false);
  const press = async () => {
    if (!session.person || (!following && !reachable)) return onAsk();
    setBusy(true);
    try {
      const path = `/shops/${shop.id}/follow`;
      const now = /** @type {Following} */ (await (following ? api.delete(path) : api.put(path)));
      onChange(now);
      toasts.show(t(now.following ? "follow.done" : "follow.undone", { shop: shop.name }));
    } catch (error) {
      if (error instanceof ApiError && error.code === "address_needed") onAsk();
      else toasts.trouble(errorText(error));
    }
    return setBusy(false);
  };
  const short = brief && following;
  return html`<${Button} kind=${`${kind} ${short ? "round" : ""}`} class="follow" busy=${busy} onClick=${press} aria-pressed=${following ? "true" : "false"}
    label=${t(following ? "follow.unfollow_shop" : "follow.follow_shop", { shop: shop.name })}>
    ${(short || !brief) && html`<${Icon} name=${following ? "check" : "plus"} />`}${!short && html`<span>${t(following ? "follow.following" : "follow.follow")}</span>`}<//>`;
}
