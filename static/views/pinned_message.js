/** The message the host or a moderator keeps on every screen. */

import { html } from "../vendor/preact.js";
import { CommentText } from "./comment_list.js";
import { useApp } from "./app.js";
import { Icon } from "./icon.js";

/**
 * @param {{board: Record<string, any>, around: import("./use_talk.js").TalkAround, onUnpin?: () => void}} props onUnpin: for those who may
 */
export function PinnedMessage({ board, around, onUnpin }) {
  const { t } = useApp();
  const { pinned } = board;
  if (!pinned) return null;
  return html`<div class="kept" role="note" aria-label=${t("pinned.label")}><${Icon} name="pin" />
    <span class="kept__text">${pinned.badge && html`<span class=${`badge ${pinned.badge === "host" ? "badge--accent" : ""}`}>${t(`badge.${pinned.badge}`)}</span> `}
      <b class="comment__name">${pinned.name}</b> <${CommentText} comment=${pinned} around=${around} /></span>
    ${onUnpin && html`<button type="button" class="kept__end" aria-label=${t("pinned.down")} title=${t("pinned.down")} onClick=${onUnpin}><${Icon} name="close" /></button>`}
  </div>`;
}
