/** What is said and what happened. */

import { html, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { buyerName } from "../lib/words/buyer_name.js";
import { questionsOf } from "../lib/room/questions.js";
import { useApp } from "../views/app.js";
import { CommentLine, jumpTo } from "../views/comment_list.js";
import { Icon } from "../views/icon.js";
import { LiveQuestion } from "../views/live_question.js";
import { PinnedMessage } from "../views/pinned_message.js";
import { supportersOf } from "../views/supporters.js";
import { useTalk } from "../views/use_talk.js";
import { Composer } from "./composer.js";
import { Poll } from "./poll.js";
import { QuestionsButton } from "./questions_sheet.js";
import { useShow } from "./show_context.js";

const SHOWN_ON_PICTURE = 40;
const NEAR_END_PX = 48;

/** The right column. No props. */
export function Talk() {
  const { t } = useApp();
  const { phase, state, openSheet } = useShow();
  return html`<aside class="talk" aria-label=${t("comments")}>
    <div class="talk__head"><h2 class="talk__title">${t("comments")}</h2>
      <span class="talk__ways">${supportersOf(state.board).length > 0 && html`<button type="button" class="btn btn--quiet btn--small" onClick=${() => openSheet({ kind: "supporters" })}><${Icon} name="trophy" />${t("supporters.title")}</button>`}<${QuestionsButton} wide=${true} /></span></div>
    <${Poll} />
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
  const { state, translations, openSheet } = useShow();
  const around = useTalk(state);
  const [chosen, setChosen] = useState("");
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
  /** By keys: the arrows go from comment to comment, Escape lets go. @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    if (event.target !== box.current) return;
    const ids = lines.flatMap(({ comment }) => (comment ? [comment.id] : []));
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Escape") return setChosen("");
    if (!step || !ids.length) return;
    event.preventDefault();
    const at = ids.indexOf(chosen);
    setChosen(ids[at === -1 ? ids.length - 1 : Math.min(ids.length - 1, Math.max(0, at + step))]);
  };
  useLayoutEffect(() => {
    const line = /** @type {HTMLElement | null} */ (box.current?.querySelector(".comment--chosen"));
    if (!line || !box.current) return;
    const below = line.getBoundingClientRect().bottom - box.current.getBoundingClientRect().bottom;
    const above = line.getBoundingClientRect().top - box.current.getBoundingClientRect().top;
    box.current.scrollTop += Math.max(0, below) + Math.min(0, above);
  }, [chosen]);
  return html`<${LiveQuestion} question=${questionsOf(state).live} around=${around} />
  <${PinnedMessage} board=${state.board} around=${around} />
  <div class=${`flow ${column ? "flow--column" : "flow--picture"}`}>
    <ol class="flow__list" ref=${box} onScroll=${onScroll} onKeyDown=${onKeyDown} role="log" aria-live="polite" aria-relevant="additions" aria-label=${t("comments")} tabindex="0">
      ${!lines.length && column && html`<li class="flow__empty quiet">${t("comment.empty")}</li>`}
      ${lines.map((line) => line.comment
        ? html`<${CommentLine} key=${line.key} comment=${line.comment} around=${around} translation=${translations.texts.get(line.key)} onJump=${(/** @type {string} */ id) => jumpTo(box.current, id)}
            onPicture=${(/** @type {import("../lib/types.js").Comment} */ comment) => openSheet({ kind: "picture", comment })} onChoose=${(/** @type {string} */ id) => setChosen(id === chosen ? "" : id)}>${line.key === chosen && html`<${CommentTools} comment=${line.comment} onDone=${() => setChosen("")} />`}<//>`
        : html`<${OrderLine} key=${line.key} fact=${line.order} />`)}
    </ol>
    ${behind && html`<button type="button" class="flow__newest btn btn--small btn--glass" onClick=${toEnd}><${Icon} name="down" />${t("comment.newest")}</button>`}
  </div>`;
}

/** What a viewer can do with a comment. @param {{comment: import("../lib/types.js").Comment, onDone: () => void}} props */
function CommentTools({ comment, onDone }) {
  const { t } = useApp();
  const { phase, answer, state, translations, openSheet } = useShow();
  if (phase === "ended") return null;
  const reply = (/** @type {Event} */ event) => {
    event.stopPropagation();
    onDone();
    answer(comment);
  };
  const report = (/** @type {Event} */ event) => {
    event.stopPropagation();
    onDone();
    openSheet({ kind: "report", comment });
  };
  const translate = (/** @type {Event} */ event) => {
    event.stopPropagation();
    onDone();
    void translations.ask(comment.id);
  };
  const translatable = translations.possible && comment.text !== "" && comment.person !== state.you?.person && !translations.texts.has(comment.id);
  const reportable = !comment.badge && comment.person !== state.you?.person;
  return html`<button type="button" class="btn btn--small btn--glass" onClick=${reply}><${Icon} name="reply" />${t("comment.reply")}</button>
    ${translatable && html`<button type="button" class="btn btn--small btn--glass" onClick=${translate}><${Icon} name="translate" />${t("translate.one")}</button>`}
    ${reportable && html`<button type="button" class="btn btn--small btn--glass" onClick=${report}><${Icon} name="flag" />${t("comment.report")}</button>`}`;
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
 * @param {import("../lib/room/room_state.js").RoomState} state
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
