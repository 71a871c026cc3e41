/** A show in the lobby: a big portrait card while it is live, a line before and after. */

import { html } from "../vendor/preact.js";
import { formatDay } from "../lib/clock.js";
import { productOffer } from "../lib/prices/offer.js";
import { useApp } from "../views/app.js";
import { Avatar } from "../views/avatar.js";
import { FollowButton } from "../views/follow_button.js";
import { Icon } from "../views/icon.js";
import { Picture } from "../views/picture.js";
import { PriceTag } from "../views/price_tag.js";
import { RemindButton } from "../views/remind_button.js";

/** @typedef {import("../lib/types.js").ShowCard} ShowCard */

/** @typedef {{following: boolean, onChange: (now: import("../views/follow_button.js").Following) => void, onAsk: () => void}} Follow how the reader stands to the shop */

/** @param {{show: ShowCard, follow: Follow}} props */
export function LiveCard({ show, follow }) {
  const { t, i18n } = useApp();
  const viewers = new Intl.NumberFormat(i18n.locale, { notation: show.viewers > 9_999 ? "compact" : "standard" }).format(show.viewers);
  return html`<li><article class="live over-video">
    <a class="card-link" href=${`/shows/${show.id}`} aria-label=${`${show.title}, ${show.shop.name}, ${t("show.watching", { count: show.viewers })}`}></a>
    <span class="live__picture"><${Picture} picture=${show.poster ?? show.pinned?.picture} sizes="(min-width: 720px) 340px, 92vw" eager=${true} icon="camera" /></span>
    <span class="live__shade"></span>
    <span class="live__top"><span class="badge badge--live">${t("lobby.live_badge")}</span>${show.viewers > 0 && html`<span class="badge figures live__viewers"><${Icon} name="eye" />${viewers}</span>`}</span>
    <span class="live__foot">
      <span class="row"><${Avatar} name=${show.shop.name} picture=${show.shop.avatar} /><span class="cut small grow">${show.shop.name}</span><${FollowButton} shop=${show.shop} ...${follow} kind=${follow.following ? "glass small" : "small"} /></span>
      <b class="live__title cut-2">${show.title}</b>
      ${show.pinned && html`<${PinnedLine} product=${show.pinned} sales=${show.pinned_sales} />`}
      <span class="btn btn--accent live__go">${t("lobby.watch")}</span>
    </span>
  </article></li>`;
}

/** @param {{product: import("../lib/types.js").Product, sales: import("../lib/types.js").Sale[]}} props */
function PinnedLine({ product, sales }) {
  const { clock } = useApp();
  const offer = productOffer(product, { sales: Object.fromEntries(sales.map((sale) => [sale.id, sale])), stock: {} }, clock.now_ms());
  return html`<span class="live__pinned"><span class="live__thumb"><${Picture} picture=${product.picture} sizes="44px" /></span>
    <span class="grow"><span class="small cut live__product">${product.title}</span>
      <${PriceTag} price_minor=${offer.price_minor} was_minor=${offer.was_minor} currency=${offer.currency} size="small" from=${offer.from} /></span></span>`;
}

/** @typedef {{reminder: import("../views/remind_button.js").Reminder, onChange: (now: import("../views/remind_button.js").Reminder) => void, onAsk: () => void, onReached: () => void}} Remind whether the reader is reminded */

/** @param {{show: ShowCard, follow: Follow, remind?: Remind | null}} props remind: null where there is nothing to wait for */
export function UpcomingCard({ show, follow, remind = null }) {
  const { t, i18n, clock } = useApp();
  const day = (/** @type {number} */ at_ms) => formatDay(at_ms, i18n.locale, clock.now_ms());
  const when = show.state === "ended" ? day(show.started_at_ms ?? show.starts_at_ms) : t("lobby.starts", { when: day(show.starts_at_ms) });
  return html`<li><article class="next card">
    <span class="next__picture"><${Picture} picture=${show.poster ?? show.pinned?.picture} sizes="96px" icon="calendar" /></span>
    <span class="next__words"><span class="tiny next__when figures">${when}</span><a class="card-link" href=${`/shows/${show.id}`} aria-label=${`${show.title}, ${show.shop.name}, ${when}`}></a><b class="cut-2">${show.title}</b>
      <span class="row small quiet"><${Avatar} name=${show.shop.name} picture=${show.shop.avatar} size="small" /><span class="cut grow">${show.shop.name}</span><${FollowButton} shop=${show.shop} ...${follow} /></span>
      ${remind && html`<${RemindButton} show=${show} ...${remind} kinds=${["small", "small quiet"]} />`}</span>
  </article></li>`;
}
