/** The room beside the studio: comments with the host's quick actions, orders as they come, a line to say something. */

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { buyerName } from "../lib/buyer_name.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { CommentLine } from "../views/comment_list.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";

const NEAR_END_PX = 60;

/** @typedef {import("../lib/room_state.js").RoomState} RoomState */
/** @typedef {import("../lib/room.js").RoomClient} RoomClient */

/** @param {{room: RoomClient, state: RoomState, show: import("../lib/types.js").Show}} props */
export function RoomPane({ room, state, show }) {
  const { t, errorText, toasts } = useApp();
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const atEnd = useRef(true);
  const newest = state.comments[state.comments.length - 1]?.id;
  const follow = () => {
    if (list.current && atEnd.current) list.current.scrollTop = list.current.scrollHeight;
  };
  useEffect(follow, [newest]);
  // A drawer that opens, and orders above that grow, change the room there is: the newest stays in sight.
  useEffect(() => {
    const watching = new ResizeObserver(follow);
    if (list.current) watching.observe(list.current);
    return () => watching.disconnect();
  }, []);
  /** @param {{currentTarget: HTMLElement}} event */
  const onScroll = ({ currentTarget: box }) => {
    // A drawer that is closed has no height, and says nothing about where the reader was.
    if (box.clientHeight) atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
  };
  /** @param {string} comment */
  const remove = (comment) => room.request("delete", { comment }, { write: true }).catch((error) => toasts.trouble(errorText(error)));
  return html`<h2>${t("room.title")}</h2>
    ${state.orders.length > 0 && html`<ul class="ticker" aria-label=${t("room.orders")}>${state.orders.slice(-3).map((order) => html`<li key=${order.order_ref}>
      <${Icon} name="bag" /><span class="cut-2">${t("room.bought", { name: buyerName(t, order.name), count: order.quantity, product: state.products[order.product]?.title ?? show.title })}</span></li>`)}</ul>`}
    <ol class="talk" role="log" aria-label=${t("comments")} tabindex="0" ref=${list} onScroll=${onScroll}>
      ${!state.comments.length && html`<${EmptyState} icon="chat" title=${t("room.quiet")} />`}
      ${state.comments.map((comment) => html`<div class="talk__row" key=${comment.id}><${CommentLine} comment=${comment} />
        <${Button} kind="quiet round" class="talk__delete" label=${t("room.delete")} onClick=${() => remove(comment.id)}><${Icon} name="trash" /><//></div>`)}
    </ol>
    <${Composer} room=${room} state=${state} />`;
}

/** @param {{room: RoomClient, state: RoomState, reply?: import("../lib/types.js").Comment | null, onSent?: () => void}} props */
export function Composer({ room, state, reply = null, onSent }) {
  const { t, errorText, toasts } = useApp();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  /** @param {Event} event */
  const say = async (event) => {
    event.preventDefault();
    const said = text.trim();
    if (!said || busy) return;
    setBusy(true);
    try {
      await room.request("comment", { text: said, ...(reply && { reply_to: reply.id }) }, { write: true });
      setText("");
      onSent?.();
    } catch (error) {
      toasts.trouble(errorText(error));
    }
    setBusy(false);
  };
  return html`<form class="composer" onSubmit=${say}>
    <input class="input" aria-label=${t("room.say")} placeholder=${reply ? t("room.reply_to", { name: reply.name }) : t("room.say")} maxlength=${state.limits.comment_chars}
      value=${text} onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => setText(event.currentTarget.value)} />
    <${Button} type="submit" kind="accent round" label=${t("room.send")} busy=${busy}><${Icon} name="send" /><//>
  </form>`;
}
