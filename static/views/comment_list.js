/** Comments and what happened between them, oldest first. New ones are said politely. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";

/** @typedef {import("../lib/types.js").Comment} Comment */

/** @param {{comment: Comment}} props */
export function CommentLine({ comment }) {
  const { t } = useApp();
  const { badge } = comment;
  return html`<li class=${`comment ${badge ? `comment--${badge}` : ""}`}>
    <span class="comment__text">
      ${badge && html`<span class=${`badge ${badge === "host" ? "badge--accent" : ""}`}>${t(`badge.${badge}`)}</span>`}
      <b class="comment__name">${comment.name}</b>
      <bdi>${comment.text}</bdi>
    </span>
  </li>`;
}

/**
 * @param {{comments: Comment[], live?: boolean, empty?: unknown, class?: string}} props
 *   live: whether screen readers hear new ones
 */
export function CommentList({ comments, live = true, empty = null, class: extra = "" }) {
  const { t } = useApp();
  if (!comments.length && empty) return empty;
  return html`<ol class=${`comments ${extra}`} role="log" aria-label=${t("comments")} aria-live=${live ? "polite" : "off"} aria-relevant="additions">
    ${comments.map((comment) => html`<${CommentLine} key=${comment.id} comment=${comment} />`)}
  </ol>`;
}
