/** The question the host answers right now, on every screen. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { CommentText } from "./comment_list.js";
import { Icon } from "./icon.js";

/**
 * @param {{question: import("../lib/room/questions.js").Question | null, around: import("./use_talk.js").TalkAround, children?: unknown}} props
 *   children: what who may can do with it
 */
export function LiveQuestion({ question, around, children }) {
  const { t } = useApp();
  if (!question) return null;
  return html`<div class="kept kept--live" role="note" aria-label=${t("ask.live")}><${Icon} name="ask" />
    <span class="kept__text"><span class="badge badge--accent">${t("ask.live")}</span>
      <b class="comment__name">${question.name}</b> <${CommentText} comment=${question} around=${around} /></span>
    ${children && html`<span class="kept__tools">${children}</span>`}
  </div>`;
}
