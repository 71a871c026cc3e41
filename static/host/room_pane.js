/** The room beside the studio: comments with the host's quick actions, orders as they come, a line to say something. */

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { buyerName } from "../lib/words/buyer_name.js";
import { questionsOf } from "../lib/room/questions.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { CommentBox, ReplyingTo } from "../views/comment_box.js";
import { CommentLine, jumpTo } from "../views/comment_list.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { LiveQuestion } from "../views/live_question.js";
import { PinnedMessage } from "../views/pinned_message.js";
import { PollUp } from "../views/poll_up.js";
import { useAttempt, useBusy } from "../views/use_attempt.js";
import { useTalk } from "../views/use_talk.js";

const NEAR_END_PX = 60;

/** @typedef {import("../lib/room/room_state.js").RoomState} RoomState */
/** @typedef {import("../lib/room/room.js").RoomClient} RoomClient */
/** @typedef {import("../lib/types.js").Comment} Comment */

/** @param {{room: RoomClient, state: RoomState, show: import("../lib/types.js").Show}} props */
export function RoomPane({ room, state, show }) {
  const { t } = useApp();
  const attempt = useAttempt();
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const atEnd = useRef(true);
  const around = useTalk(state);
  const [reply, setReply] = useState(/** @type {Comment | null} */ (null));
  const { live } = questionsOf(state);
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
  /** @param {string} type @param {Record<string, unknown>} [body] */
  const ask = (type, body = {}) => attempt(() => room.request(type, body, { write: true }));
  /** @param {Comment} comment */
  const answer = (comment) => {
    setReply(comment);
    requestAnimationFrame(() => document.getElementById("say-line")?.focus({ preventScroll: true }));
  };
  return html`<h2>${t("room.title")}</h2>
    ${state.orders.length > 0 && html`<ul class="ticker" aria-label=${t("room.orders")}>${state.orders.slice(-3).map((order) => html`<li key=${order.order_ref}>
      <${Icon} name="bag" /><span class="cut-2">${t("room.bought", { name: buyerName(t, order.name), count: order.quantity, product: state.products[order.product]?.title ?? show.title })}</span></li>`)}</ul>`}
    <${LiveQuestion} question=${live} around=${around}>
      ${live && html`<${Button} kind="small accent" onClick=${() => ask("answer_question", { comment: live.id })}>${t("ask.done")}<//>`}<//>
    <${PollUp} state=${state} onClosePoll=${(/** @type {string} */ poll) => ask("close_poll", { poll })} onDismiss=${(/** @type {string} */ poll) => ask("dismiss_poll", { poll })} />
    <${PinnedMessage} board=${state.board} around=${around} onUnpin=${() => ask("unpin_message")} />
    <ol class="talk" role="log" aria-label=${t("comments")} tabindex="0" ref=${list} onScroll=${onScroll}>
      ${!state.comments.length && html`<${EmptyState} icon="chat" title=${t("room.quiet")} />`}
      ${state.comments.map((comment) => html`<div class="talk__row" key=${comment.id}><${CommentLine} comment=${comment} around=${around} onJump=${(/** @type {string} */ id) => jumpTo(list.current, id)} />
        <${Button} kind="quiet round" class="talk__tool" label=${t("room.reply_to", { name: comment.name })} onClick=${() => answer(comment)}><${Icon} name="reply" /><//>
        <${Button} kind="quiet round" class="talk__tool" label=${t("room.pin")} onClick=${() => ask("pin_message", { comment: comment.id })}><${Icon} name="pin" /><//>
        <${Button} kind="quiet round" class="talk__delete" label=${t("room.delete")} onClick=${() => ask("delete", { comment: comment.id })}><${Icon} name="trash" /><//></div>`)}
    </ol>
    <${ReplyingTo} comment=${reply} onEnd=${() => setReply(null)} />
    <${Composer} room=${room} state=${state} reply=${reply} onSent=${() => setReply(null)} />`;
}

/** @param {{room: RoomClient, state: RoomState, reply?: import("../lib/types.js").Comment | null, onSent?: () => void}} props */
export function Composer({ room, state, reply = null, onSent }) {
  const { t } = useApp();
  const around = useTalk(state);
  const [text, setText] = useState("");
  const { busy, run } = useBusy();
  /** @param {Event} event */
  const say = async (event) => {
    event.preventDefault();
    const said = text.trim();
    if (!said || busy) return;
    await run("say", async () => {
      await room.request("comment", { text: said, ...(reply && { reply_to: reply.id }) }, { write: true });
      setText("");
      onSent?.();
    });
  };
  return html`<form class="composer" onSubmit=${say}>
    <${CommentBox} id="say-line" class="composer__line" label=${t("room.say")} placeholder=${reply ? t("room.reply_to", { name: reply.name }) : t("room.say")} most=${state.limits.comment_chars}
      value=${text} onText=${setText} names=${around.names} own=${around.name} />
    <${Button} type="submit" kind="accent round" label=${t("room.send")} busy=${busy !== ""}><${Icon} name="send" /><//>
  </form>`;
}
