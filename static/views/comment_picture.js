/** A picture shown with a comment: small beside the words, large in a sheet. It goes when the comment goes. */

import { html, useState } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { Sheet } from "./sheet.js";

/** @typedef {import("../lib/types.js").Comment} Comment */

/** @param {string} id @param {320 | 1280} width @returns {string} */
export function pictureAddress(id, width) {
  return `/api/v1/comment-pictures/${id}/${width}.webp`;
}

/** What a quoted comment says in one line. @param {import("../lib/words/i18n.js").Translate} t @param {{text: string}} comment */
export function briefly(t, { text }) {
  return text || t("comment.picture_alone");
}

/**
 * @param {{comment: Comment, onOpen?: (comment: Comment) => void}} props nothing for a comment without a picture, or
 *   whose picture is gone; onOpen: where a sheet must not lie inside the list
 */
export function CommentPicture({ comment, onOpen }) {
  const { t } = useApp();
  const [open, setOpen] = useState(false);
  const [gone, setGone] = useState(false);
  const { picture, name } = comment;
  if (!picture || gone) return null;
  /** The line around it is pressed for other things. @param {Event} event */
  const show = (event) => {
    event.stopPropagation();
    if (onOpen) onOpen(comment);
    else setOpen(true);
  };
  return html`<button type="button" class="comment__picture" aria-label=${t("comment.picture_open", { name })} onClick=${show}>
      <img src=${pictureAddress(picture.id, 320)} width=${picture.width} height=${picture.height} alt="" loading="lazy" decoding="async" onError=${() => setGone(true)} /></button>
    ${open && html`<span onClick=${(/** @type {Event} */ event) => event.stopPropagation()}><${PictureSheet} comment=${comment} onClose=${() => setOpen(false)} /></span>`}`;
}

/** @param {{comment: Comment, onClose: () => void}} props */
export function PictureSheet({ comment, onClose }) {
  const { t } = useApp();
  const { picture, name, text } = comment;
  return html`<${Sheet} title=${t("comment.picture_of", { name })} onClose=${onClose}>
    ${picture && html`<figure class="comment__large"><img src=${pictureAddress(picture.id, 1280)} width=${picture.width} height=${picture.height} alt=${text || t("comment.picture_of", { name })} />${text && html`<figcaption><bdi>${text}</bdi></figcaption>`}</figure>`}<//>`;
}
