/** What is said and what happened, and the box to say something. */

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { buyerName } from "../lib/buyer_name.js";
import { useApp } from "../views/app.js";
import { CommentLine } from "../views/comment_list.js";
import { Icon } from "../views/icon.js";
import { useLeft } from "../views/countdown.js";
import { formatLeft } from "../lib/clock.js";
import { HeartFace } from "./heart_face.js";
import { BagButton } from "./shelf.js";
import { useShow } from "./show_context.js";
import { WarningCard, useReviewNews } from "./warning.js";

const SHOWN_ON_PICTURE = 40;
const NEAR_END_PX = 48;

/** The right column. No props. */
export function Talk() {
  const { t } = useApp();
  const { phase } = useShow();
  return html`<aside class="talk" aria-label=${t("comments")}>
    <h2 class="talk__title">${t("comments")}</h2>
    <${CommentFlow} column=${true} />
    ${phase !== "ended" && html`<${Composer} column=${true} />`}
  </aside>`;
}

/**
 * Comments and orders in the order they came; stays at the newest unless the reader scrolled up.
 * @param {{column?: boolean}} props
 */
export function CommentFlow({ column = false }) {
  const { t } = useApp();
  const { state } = useShow();
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const following = useRef(true);
  const [behind, setBehind] = useState(false);
  const lines = useMemo(() => merge(state, column ? Infinity : SHOWN_ON_PICTURE), [state.comments, state.orders, column]);
  const newest = lines.at(-1)?.key;
  const toEnd = () => {
    following.current = true;
    setBehind(false);
    box.current?.scrollTo({ top: box.current.scrollHeight });
  };
  useLayoutEffect(() => {
    if (following.current) toEnd();
    else setBehind(true);
  }, [newest]);
  const onScroll = () => {
    const at = box.current;
    if (!at) return;
    following.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END_PX;
    if (following.current) setBehind(false);
  };
  return html`<div class=${`flow ${column ? "flow--column" : "flow--picture"}`}>
    <ol class="flow__list" ref=${box} onScroll=${onScroll} role="log" aria-live="polite" aria-relevant="additions" aria-label=${t("comments")} tabindex="0">
      ${!lines.length && column && html`<li class="flow__empty quiet">${t("comment.empty")}</li>`}
      ${lines.map((line) => line.comment
        ? html`<${CommentLine} key=${line.key} comment=${line.comment} />`
        : html`<${OrderLine} key=${line.key} fact=${line.order} />`)}
    </ol>
    ${behind && html`<button type="button" class="flow__newest btn btn--small btn--glass" onClick=${toEnd}><${Icon} name="down" />${t("comment.newest")}</button>`}
  </div>`;
}

/** @param {{fact: import("../lib/types.js").Fact}} props */
function OrderLine({ fact }) {
  const { t } = useApp();
  const { state } = useShow();
  const product = state.products[fact.product]?.title;
  const text = product ? t("show.bought_product", { name: buyerName(t, fact.name), count: fact.quantity, product }) : t("show.bought", { name: buyerName(t, fact.name), count: fact.quantity });
  return html`<li class="comment comment--order"><span class="comment__order"><${Icon} name="bag" /><span class="cut-2">${text}</span></span></li>`;
}

/**
 * @param {import("../lib/room_state.js").RoomState} state
 * @param {number} most
 * @returns {{key: string, at_ms: number, comment?: import("../lib/types.js").Comment, order?: import("../lib/types.js").Fact}[]}
 */
function merge(state, most) {
  const all = [
    ...state.comments.map((comment) => ({ key: comment.id, at_ms: comment.at_ms, comment })),
    ...state.orders.map((order) => ({ key: `order ${order.order_ref}`, at_ms: order.at_ms, order })),
  ];
  return all.sort((a, b) => a.at_ms - b.at_ms).slice(-most);
}

/** @param {{column?: boolean, onHeart?: () => void}} props */
export function Composer({ column = false, onHeart }) {
  const { t } = useApp();
  const { state, phase, openSheet } = useShow();
  const say = useSaying();
  const most = state.limits.comment_chars;
  const over = [...say.text].length - most;
  const stopped = say.stopped;
  const warning = state.you?.warning;
  useReviewNews();
  const products = state.run_of_show.length;
  return html`<div class=${`composer ${column ? "composer--column" : "composer--picture"}`}>
    ${warning && html`<${WarningCard} warning=${warning} />`}
    ${phase !== "ended" && !warning && html`<form class="composer__form" onSubmit=${say.submit}>
      <label class="unseen" for="comment-box">${t("comment.label")}</label>
      <input id="comment-box" class="input composer__input" type="text" autocomplete="off" enterkeyhint="send" maxlength=${most * 2}
        placeholder=${stopped ?? t("comment.placeholder")} disabled=${stopped !== null} value=${say.text} aria-invalid=${over > 0 ? "true" : null}
        onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => say.setText(event.currentTarget.value)} />
      ${over > 0 && html`<span class="composer__over badge badge--trouble" role="alert">${t("comment.too_long", { count: over })}</span>`}
      ${(say.text.trim() || column) && html`<button type="submit" class="composer__send tool" onMouseDown=${stay} aria-label=${t("comment.send")} title=${t("comment.send")}
        disabled=${!say.text.trim() || over > 0 || say.busy}><${Icon} name="send" /></button>`}
    </form>`}
    ${!column && html`<div class="composer__tools">
      <button type="button" class=${`tool ${phase === "ended" ? "tool--wide" : ""}`} aria-label=${t("show.tag", { count: products })} title=${t("show.products")} onClick=${() => openSheet({ kind: "products" })}>
        <${Icon} name="tag" />${phase === "ended" && t("buy.see_products")}${products > 0 && html`<span class="badge badge--count tool__count figures">${products}</span>`}</button>
      <${BagButton} onOpen=${() => openSheet({ kind: "bag" })} />
      ${phase === "live" && onHeart && html`<${HeartFace} onHeart=${onHeart} label=${t("like.label")} likes=${state.likes} />`}
    </div>`}
  </div>`;
}

/** Sending leaves the focus in the box: the keyboard stays, and the button does not move away under the finger. @param {Event} event */
function stay(event) {
  event.preventDefault();
}

/** The state of saying something: text, busy, and why one may not (mute, slow mode). */
function useSaying() {
  const { t, toasts, errorText, clock } = useApp();
  const { room, state, askName } = useShow();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [slowUntil_ms, setSlowUntil] = useState(/** @type {number | null} */ (null));
  const muted_ms = useLeft(state.you?.muted_until_ms ?? null);
  const slow_ms = useLeft(slowUntil_ms);
  const staff = state.you?.role !== "viewer";
  const stopped = muted_ms > 0 ? t("comment.muted", { left: formatLeft(muted_ms) })
    : slow_ms > 0 && !staff ? t("comment.slow", { left: formatLeft(slow_ms) })
    : state.you?.banned || room.reason === "banned" ? t("error.banned") : null;
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const said = text.trim();
    if (!said || busy || !(await askName())) return;
    setBusy(true);
    try {
      const { pending } = await room.request("comment", { text: said }, { write: true });
      if (pending) toasts.show(t("comment.pending"));
      setText("");
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
  return { text, setText, busy, stopped, submit };
}
