/** The shops somebody follows, and the mailed link that follows one. */

import { html } from "../vendor/preact.js";
import { useApp, useLoad } from "../views/app.js";
import { Avatar } from "../views/avatar.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { SkeletonLines } from "../views/skeleton.js";
import { useAttempt } from "../views/use_attempt.js";

/** @typedef {{shop: import("../lib/types.js").ShopCard, since_ms: number, by_mail: boolean}} Follow */

/** @param {{quietly?: boolean}} props quietly: nothing is shown where nothing is followed */
export function Follows({ quietly = false }) {
  const { t, api, errorText } = useApp();
  const attempt = useAttempt();
  const loaded = useLoad(() => /** @type {Promise<{follows: Follow[]}>} */ (api.get("/me/follows")), []);
  const follows = loaded.value?.follows;
  if (quietly && !follows?.length) return null;
  /** @param {() => Promise<unknown>} run */
  const change = async (run) => {
    await attempt(run);
    loaded.again();
  };
  return html`<section class="card stack" aria-labelledby="follows-title"><h2 id="follows-title">${t("follow.mine")}</h2>${body()}</section>`;

  function body() {
    if (loaded.error) return html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>`;
    if (!follows) return html`<${SkeletonLines} lines=${2} label=${t("loading")} />`;
    if (!follows.length) return html`<p class="quiet">${t("follow.none")}</p>`;
    return html`<ul class="stack stack--tight">${follows.map((follow) => html`<${Row} key=${follow.shop.id} follow=${follow} change=${change} />`)}</ul>`;
  }
}

/** @param {{follow: Follow, change: (run: () => Promise<unknown>) => void}} props */
function Row({ follow: { shop, by_mail }, change }) {
  const { t, api, toasts } = useApp();
  const stop = () => change(async () => {
    await api.delete(`/shops/${shop.id}/follow`);
    toasts.show(t("follow.undone", { shop: shop.name }));
  });
  return html`<li class="follow-row"><${Avatar} name=${shop.name} picture=${shop.avatar} />
    <span class="grow"><b class="cut follow-row__name">${shop.name}</b>
      <label class="check small"><input type="checkbox" checked=${by_mail} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => change(() => api.patch(`/me/follows/${shop.id}`, { by_mail: event.currentTarget.checked }))} /><span>${t("follow.by_mail")}</span></label></span>
    <${Button} kind="quiet round" label=${t("follow.stop", { shop: shop.name })} onClick=${stop}><${Icon} name="close" /><//></li>`;
}

/** @param {{token: string}} props */
export function ConfirmFollow({ token }) {
  const { t, api } = useApp();
  const done = useLoad(() => /** @type {Promise<{shop: import("../lib/types.js").ShopCard, show: string | null}>} */ (api.post("/follows/confirm", { token })), [token]);
  const home = html`<a class="btn btn--accent" href="/">${t("show.to_lobby")}</a>`;
  if (done.value?.show) return html`<${EmptyState} icon="check" title=${t("remind.confirmed")} action=${html`<a class="btn btn--accent" href=${`/shows/${done.value.show}`}>${t("remind.to_show")}</a>`}>${t("remind.confirmed_next", { shop: done.value.shop.name })}<//>`;
  if (done.value) return html`<${EmptyState} icon="check" title=${t("follow.confirmed", { shop: done.value.shop.name })} action=${home}>${t("follow.confirmed_next")}<//>`;
  if (done.error) return html`<${EmptyState} icon="mail" title=${t("follow.confirm_failed")} action=${home}>${t("follow.confirm_failed_next")}<//>`;
  return html`<${SkeletonLines} label=${t("follow.confirming")} />`;
}

/** Ends the mails about a shop: the link of a mail has brought the reader here. @param {{token: string}} props */
export function Unsubscribe({ token }) {
  const { t, api } = useApp();
  const done = useLoad(() => /** @type {Promise<{shop: import("../lib/types.js").ShopCard}>} */ (api.post(`/unsubscribe/${encodeURIComponent(token)}`)), [token]);
  const home = html`<a class="btn" href="/">${t("show.to_lobby")}</a>`;
  if (done.value) return html`<${EmptyState} icon="check" title=${t("mails.ended")} action=${home}>${t("mails.ended_next", { shop: done.value.shop.name })}<//>`;
  if (done.error) return html`<${EmptyState} icon="mail" title=${t("mails.not_ended")} action=${home}>${t("mails.not_ended_next")}<//>`;
  return html`<${SkeletonLines} label=${t("loading")} />`;
}
