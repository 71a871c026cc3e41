/** Over the picture: whose show it is, how many watch, and the way out. */

import { html } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Avatar } from "../views/avatar.js";
import { FollowButton } from "../views/follow_button.js";
import { Icon } from "../views/icon.js";
import { useShow } from "./show_context.js";

/** No props. */
export function Header() {
  const { t, i18n } = useApp();
  const { show, state, phase, wide, follow, openSheet } = useShow();
  const viewers = new Intl.NumberFormat(i18n.locale, { notation: state.viewers > 99_999 ? "compact" : "standard" }).format(state.viewers);
  const live = phase === "live" && html`<span class="badge badge--live">${t("lobby.live_badge")}</span>`;
  return html`<header class="show-head">
    <button type="button" class="show-head__shop" onClick=${() => openSheet({ kind: "about" })} aria-label=${`${show.shop.name}: ${t("show.about")}`}>
      <span class="show-head__face"><${Avatar} name=${show.shop.name} picture=${show.shop.avatar} />${!wide && live}</span>
      <span class="show-head__names"><b class="cut">${show.shop.name}</b><span class="cut tiny">${show.title}</span></span>
    </button>
    ${follow.following && html`<${FollowButton} shop=${show.shop} following=${follow.following.following} reachable=${follow.following.reachable} onChange=${follow.setFollowing} onAsk=${() => openSheet({ kind: "follow" })}
      kind=${follow.following.following ? "glass small" : "accent small"} brief=${!wide} />`}
    <span class="grow"></span>
    ${wide && live}
    ${phase === "live" && html`<span class="show-head__viewers figures" role="img" aria-label=${t("show.watching", { count: state.viewers })}><${Icon} name="eye" />${viewers}</span>`}
    <button type="button" class="btn btn--glass btn--round show-head__share" aria-label=${t("share.share")} title=${t("share.share")} onClick=${() => openSheet({ kind: "share", product: state.pinned, chosen: false })}><${Icon} name="share" /></button>
    <a class="btn btn--glass btn--round" href="/" aria-label=${t("show.leave")} title=${t("show.leave")}><${Icon} name="close" /></a>
  </header>`;
}
