/** One comment: who, what, to whom. Tapping it offers what can be done with it. */

import { html } from "../vendor/preact.js";
import { mentions, onlyEmoji, textParts } from "../lib/words/comment_text.js";
import { useApp } from "./app.js";
import { CommentPicture, briefly } from "./comment_picture.js";
import { Icon } from "./icon.js";
import { Medal } from "./supporters.js";

/** @typedef {import("../lib/types.js").Comment} Comment */
/** @typedef {import("./use_talk.js").TalkAround} TalkAround */

// Another page of this server opens beside the show, as the room's own links to it do; it is no stranger.
const REL = Object.freeze({ own: "noopener", other: "nofollow noopener noreferrer ugc" });

/** @param {{comment: Comment, around: TalkAround}} props the text, with names and addresses told apart */
export function CommentText({ comment, around }) {
  const parts = textParts(comment.text, around.names, location.host);
  return html`<bdi class=${onlyEmoji(comment.text) ? "comment__emoji" : ""}>${parts.map((part) => {
    if (part.kind === "link") return html`<a class="comment__link" dir="ltr" href=${part.href} target="_blank" rel=${part.own ? REL.own : REL.other} onClick=${stop}>${part.text}</a>`;
    if (part.kind === "mention") return html`<span class=${`comment__mention ${part.name === around.name ? "comment__mention--me" : ""}`}>${part.text}</span>`;
    return part.text;
  })}</bdi>`;
}

/** @param {Event} event */
function stop(event) {
  event.stopPropagation();
}

/** What it answers, as long as the room still shows it. @param {{comment: Comment, onJump?: (id: string) => void}} props */
function Quote({ comment, onJump }) {
  const { t } = useApp();
  return html`<button type="button" class="comment__quote" aria-label=${t("comment.jump", { name: comment.name, text: briefly(t, comment) })}
    onClick=${(/** @type {Event} */ event) => { stop(event); onJump?.(comment.id); }}>
    <${Icon} name="reply" /><span class="cut"><b>${comment.name}</b> ${briefly(t, comment)}</span></button>`;
}

/**
 * @param {{comment: Comment, around: TalkAround, onChoose?: (id: string) => void, onJump?: (id: string) => void, onPicture?: (comment: Comment) => void, translation?: string | null, children?: unknown}} props
 *   onPicture: opens its picture elsewhere; translation: null when it cannot be had, undefined when nobody asked; children: what can be done with it, once chosen
 */
export function CommentLine({ comment, around, onChoose, onJump, onPicture, translation, children }) {
  const { t } = useApp();
  const { badge } = comment;
  const quoted = comment.reply_to ? around.byId.get(comment.reply_to) : undefined;
  const toMe = comment.person !== around.person && (mentions(comment.text, around.name) || (quoted !== undefined && quoted.person === around.person));
  const kinds = [badge && `comment--${badge}`, badge && comment.reply_to && "comment--answer", toMe && "comment--me", children && "comment--chosen"];
  return html`<li class=${`comment ${kinds.filter(Boolean).join(" ")}`} data-comment=${comment.id} onClick=${onChoose && (() => onChoose(comment.id))}>
    <span class="comment__text">
      ${quoted && html`<${Quote} comment=${quoted} onJump=${onJump} />`}
      ${badge && html`<span class=${`badge ${badge === "host" ? "badge--accent" : ""}`}>${t(`badge.${badge}`)}</span>`}
      <${Medal} place=${around.places.get(comment.person)} />
      ${comment.question && html`<span class="badge">${t("ask.badge")}</span>`}
      <b class="comment__name">${comment.name}</b>
      ${comment.text && html`<${CommentText} comment=${comment} around=${around} />`}
      ${translation !== undefined && translation !== comment.text && html`<span class="comment__translation"><${Icon} name="translate" /><span class="unseen">${t("translate.translated")}</span><bdi>${translation ?? t("translate.none")}</bdi></span>`}
    </span>
    <${CommentPicture} comment=${comment} onOpen=${onPicture} />
    ${onChoose && !children && html`<button type="button" class="unseen" tabindex="-1" onClick=${(/** @type {Event} */ event) => { stop(event); onChoose(comment.id); }}>${t("comment.more", { name: comment.name })}</button>`}
    ${children && html`<span class="comment__tools">${children}</span>`}
  </li>`;
}

/**
 * Brings a comment into sight and marks it for a moment.
 * @param {HTMLElement | null} box
 * @param {string} id
 */
export function jumpTo(box, id) {
  const line = /** @type {HTMLElement | null} */ (box?.querySelector(`[data-comment="${CSS.escape(id)}"]`));
  if (!line) return;
  // Only the list moves: scrollIntoView would also move the page it lies in, which has no bar to move it back.
  if (box) box.scrollTop += middle(line) - middle(box);
  line.classList.remove("comment--found");
  requestAnimationFrame(() => line.classList.add("comment--found"));
}

/** @param {HTMLElement} element */
function middle(element) {
  const { top, height } = element.getBoundingClientRect();
  return top + height / 2;
}
