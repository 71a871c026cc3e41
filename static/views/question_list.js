/** Questions as a list: who, what, how many want to know, what was answered. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { CommentText } from "./comment_list.js";
import { Icon } from "./icon.js";

/** @typedef {import("../lib/room/questions.js").Question} Question */

/** What was answered. @param {{question: Question, around: import("./use_talk.js").TalkAround}} props */
export function WrittenAnswer({ question, around }) {
  const { t } = useApp();
  const { answer } = question;
  if (!answer) return html`<p class="asked__answer asked__answer--aloud"><${Icon} name="check" />${t("ask.answered_aloud")}</p>`;
  return html`<p class="asked__answer"><span class=${`badge ${answer.badge === "host" ? "badge--accent" : ""}`}>${t(`badge.${answer.badge ?? "host"}`)}</span>
    <b class="comment__name">${answer.name}</b> <${CommentText} comment=${{ ...question, text: answer.text, badge: answer.badge }} around=${around} /></p>`;
}

/**
 * @param {{question: Question, live: boolean, around: import("./use_talk.js").TalkAround, onVote?: (question: Question) => void}} props
 *   onVote: without it the votes are only told
 */
export function QuestionLine({ question, live, around, onVote }) {
  const { t } = useApp();
  const { votes, voted, own } = question;
  const open = question.state === "open";
  return html`<li class=${`asked ${live ? "asked--live" : ""}`}>
    ${open && onVote && !own
      ? html`<button type="button" class="asked__vote" aria-pressed=${String(voted)} aria-label=${t("ask.vote", { count: votes })} title=${t("ask.vote", { count: votes })} onClick=${() => onVote(question)}>
          <${Icon} name="up" /><span class="figures" aria-hidden="true">${votes}</span></button>`
      : html`<span class="asked__votes" role="img" aria-label=${t("ask.votes", { count: votes })}><${Icon} name="up" /><span class="figures" aria-hidden="true">${votes}</span></span>`}
    <div class="asked__body">
      <p class="asked__text">${live && html`<span class="badge badge--accent">${t("ask.live")}</span> `}${own && html`<span class="badge">${t("ask.own")}</span> `}<b class="comment__name">${question.name}</b>
        <${CommentText} comment=${question} around=${around} /></p>
      ${!open && html`<${WrittenAnswer} question=${question} around=${around} />`}
    </div>
  </li>`;
}
