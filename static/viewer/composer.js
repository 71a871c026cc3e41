/** The box to say something, and what stands beside it on a phone. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { formatLeft } from "../lib/clock.js";
import { useApp } from "../views/app.js";
import { CommentBox, ReplyingTo, stay } from "../views/comment_box.js";
import { useLeft } from "../views/countdown.js";
import { Icon } from "../views/icon.js";
import { useTalk } from "../views/use_talk.js";
import { HeartFace } from "./heart_face.js";
import { BagButton } from "./shelf.js";
import { useShow } from "./show_context.js";
import { useCommentPicture } from "./use_comment_picture.js";
import { WarningCard, useReviewNews } from "./warning.js";

export const BOX_ID = "comment-box";
const PICTURES = "image/jpeg,image/png,image/webp,image/gif,image/avif";

/** @param {{column?: boolean, onHeart?: () => void}} props */
export function Composer({ column = false, onHeart }) {
  const { t } = useApp();
  const { state, phase, openSheet, replying, answer } = useShow();
  const say = useSaying();
  const around = useTalk(state);
  const most = state.limits.comment_chars;
  const over = [...say.text].length - most;
  const products = state.run_of_show.length;
  const warning = state.you?.warning;
  const open = phase !== "ended" && !warning;
  useReviewNews();
  const { picture } = say;
  const choose = (/** @type {{currentTarget: HTMLInputElement}} */ event) => {
    const [file] = event.currentTarget.files ?? [];
    event.currentTarget.value = "";
    if (file && !picture.busy) void picture.add(file);
  };
  return html`${open && picture.preview && html`<${Shown} picture=${picture} />`}
  ${open && html`<${ReplyingTo} comment=${replying} onEnd=${() => answer(null)} />`}
  <div class=${`composer ${column ? "composer--column" : "composer--picture"}`}>
    ${warning && html`<${WarningCard} warning=${warning} />`}
    ${open && html`<form class="composer__form" onSubmit=${say.submit} onFocusCapture=${picture.look}>
      ${picture.allowed && say.stopped === null && html`<label class=${`tool composer__add ${picture.busy ? "composer__add--busy" : ""}`} title=${t("comment.picture_add")}><${Icon} name="picture" /><span class="unseen">${t("comment.picture_add")}</span>
        <input class="unseen" type="file" accept=${PICTURES} disabled=${picture.busy} onChange=${choose} /></label>`}
      <${CommentBox} id=${BOX_ID} class="composer__input" label=${t("comment.label")} placeholder=${say.stopped ?? t("comment.placeholder")} disabled=${say.stopped !== null} most=${most}
        value=${say.text} invalid=${over > 0} onText=${say.setText} names=${around.names} own=${around.name} />
      ${over > 0 && html`<span class="composer__over badge badge--trouble" role="alert">${t("comment.too_long", { count: over })}</span>`}
      ${(say.sayable || column) && html`<button type="submit" class="composer__send tool" onMouseDown=${stay} aria-label=${t("comment.send")} title=${t("comment.send")}
        disabled=${!say.sayable || over > 0 || say.busy}><${Icon} name="send" /></button>`}
    </form>`}
    ${!column && html`<div class="composer__tools">
      <button type="button" class=${`tool ${phase === "ended" ? "tool--wide" : ""}`} aria-label=${t("show.tag", { count: products })} title=${t("show.products")} onClick=${() => openSheet({ kind: "products" })}>
        <${Icon} name="tag" />${phase === "ended" && t("buy.see_products")}${products > 0 && html`<span class="badge badge--count tool__count figures">${products}</span>`}</button>
      <${BagButton} onOpen=${() => openSheet({ kind: "bag" })} />
      ${phase === "live" && onHeart && html`<${HeartFace} onHeart=${onHeart} label=${t("like.label")} likes=${state.likes} />`}
    </div>`}
  </div>`;
}

/** The picture that goes with the comment, before it goes. @param {{picture: import("./use_comment_picture.js").CommentPictureState}} props */
function Shown({ picture }) {
  const { t } = useApp();
  return html`<div class="replying"><img class="composer__shown" src=${picture.preview} alt=${t("comment.picture_waits")} /><span class="cut quiet">${t("comment.picture_words")}</span>
    <button type="button" class="replying__end" aria-label=${t("comment.picture_remove")} title=${t("comment.picture_remove")} onMouseDown=${stay} onClick=${picture.remove}><${Icon} name="close" /></button></div>`;
}

/**
 * The state of saying something: text, busy, and why one may not (mute, slow mode).
 * @param {{question?: boolean, onSaid?: () => void}} [how] question: it is asked, and answers nobody
 */
export function useSaying({ question = false, onSaid } = {}) {
  const { t, toasts, errorText, clock } = useApp();
  const { room, state, askName, replying, answer } = useShow();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [slowUntil_ms, setSlowUntil] = useState(/** @type {number | null} */ (null));
  const picture = useCommentPicture();
  const muted_ms = useLeft(state.you?.muted_until_ms ?? null);
  const slow_ms = useLeft(slowUntil_ms);
  const staff = !["viewer", "stats"].includes(state.you?.role ?? "viewer");
  const stopped = state.you?.banned || room.reason === "banned" ? t("error.banned")
    : muted_ms > 0 ? t("comment.muted", { left: formatLeft(muted_ms) })
    : slow_ms > 0 && !staff ? t("comment.slow", { left: formatLeft(slow_ms) }) : null;
  // A picture says enough without words; a question does not.
  const sayable = text.trim() !== "" || (!question && picture.waiting !== null);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const said = text.trim();
    if (!sayable || busy || picture.busy || !(await askName())) return;
    setBusy(true);
    try {
      const { pending } = await room.request("comment", question ? { text: said, question } : { text: said, reply_to: replying?.id ?? null, ...(picture.waiting && { picture: picture.waiting }) }, { write: true });
      if (pending) toasts.show(t("comment.pending"));
      else onSaid?.();
      setText("");
      if (!question) {
        picture.remove();
        answer(null);
      }
      if (state.slow_mode_s > 0) setSlowUntil(clock.now_ms() + state.slow_mode_s * 1000);
    } catch (error) {
      const { code, retry_after_ms } = /** @type {{code?: string, retry_after_ms?: number | null}} */ (error);
      if (code === "slow_mode" && retry_after_ms) setSlowUntil(clock.now_ms() + retry_after_ms);
      toasts.trouble(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    if (state.slow_mode_s === 0) setSlowUntil(null);
  }, [state.slow_mode_s]);
  return { text, setText, sayable, busy: busy || picture.busy, stopped, submit, picture };
}
