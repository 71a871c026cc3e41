/** The control view of who may see figures and nothing else: the same screen to read, with nothing to press on people. */

import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { LinksSheet } from "../host/links_sheet.js";
import { Polling } from "../lib/server/polling.js";
import { pollOf } from "../lib/room/polls.js";
import { questionsOf } from "../lib/room/questions.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { CommentLine, jumpTo } from "../views/comment_list.js";
import { useLeft } from "../views/countdown.js";
import { EmptyState } from "../views/empty_state.js";
import { LanguageSwitch } from "../views/language_switch.js";
import { LiveQuestion } from "../views/live_question.js";
import { PinnedMessage } from "../views/pinned_message.js";
import { PollCard } from "../views/poll_card.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { SupporterList } from "../views/supporters.js";
import { useTalk } from "../views/use_talk.js";
import { ControlBar } from "./control_bar.js";
import { OrderLog } from "./events_pane.js";
import { WatchPane } from "./watch_pane.js";

const EVERY_MS = 10_000;
const NEAR_END_PX = 60;

/** @typedef {import("../lib/room/room_state.js").RoomState} RoomState */
/** @typedef {import("../lib/types.js").Show} Show */
/** @typedef {{orders: number, units: number, viewers_peak: number, revenue_minor: number | null, currency: string}} Brought as the API says it; revenue_minor: null for who may not see money */

/** @param {{show: Show, state: RoomState, status: import("../lib/room/room.js").Status, room: import("../lib/room/room.js").RoomClient}} props */
export function FiguresDesk({ show, state, status, room }) {
  const { t } = useApp();
  const [sheet, setSheet] = useState(/** @type {"links" | "supporters" | null} */ (null));
  const close = () => setSheet(null);
  return html`<div class="control">
    <${ControlBar} show=${show} state=${state} status=${status} />
    <main class="control__panes">
      <${WatchPane} show=${show} state=${state} room=${room} />
      <${TalkPane} state=${state} />
      <section class="control__pane" aria-label=${t("control.figures")}>
        <h2>${t("control.figures")}</h2>
        <${Figures} show_id=${show.id} />
        <${OrderLog} show=${show} state=${state} />
        <p class="control__ways"><${Button} kind="quiet small" onClick=${() => setSheet("supporters")}>${t("supporters.title")}<//><${Button} kind="quiet small" onClick=${() => setSheet("links")}>${t("links.links")}<//></p>
      </section>
    </main>
    <footer class="control__foot"><${LanguageSwitch} /></footer>
    ${sheet === "supporters" && html`<${Sheet} title=${t("supporters.title")} onClose=${close}><${SupporterList} board=${state.board} /><//>`}
    ${sheet === "links" && html`<${LinksSheet} show=${show} mayName=${false} onClose=${close} />`}
  </div>`;
}

/** What was said, the newest in sight unless one scrolled up. @param {{state: RoomState}} props */
function TalkPane({ state }) {
  const { t, clock } = useApp();
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const at_end = useRef(true);
  const around = useTalk(state);
  useLeft(state.board.poll?.ends_at_ms ?? null);
  const poll = pollOf(state, clock.now_ms());
  useEffect(() => {
    if (list.current && at_end.current) list.current.scrollTop = list.current.scrollHeight;
  }, [state.comments]);
  /** @param {{currentTarget: HTMLElement}} event */
  const onScroll = ({ currentTarget: box }) => {
    at_end.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
  };
  return html`<section class="control__pane" aria-label=${t("comments")}>
    <header class="control__head"><h2>${t("comments")}</h2></header>
    ${poll && html`<${PollCard} poll=${poll} results=${true} />`}
    <${LiveQuestion} question=${questionsOf(state).live} around=${around} />
    <${PinnedMessage} board=${state.board} around=${around} />
    <ol class="log log--read" role="log" aria-label=${t("comments")} tabindex="0" ref=${list} onScroll=${onScroll}>
      ${!state.comments.length && html`<${EmptyState} icon="chat" title=${t(state.show?.state === "ended" ? "control.was_quiet" : "room.quiet")} />`}
      ${state.comments.map((comment) => html`<${CommentLine} key=${comment.id} comment=${comment} around=${around} onJump=${(/** @type {string} */ id) => jumpTo(list.current, id)} />`)}
    </ol>
  </section>`;
}

/** What the show has brought so far. @param {{show_id: string}} props */
function Figures({ show_id }) {
  const { t, api, money, errorText } = useApp();
  const [brought, setBrought] = useState(/** @type {Brought | null} */ (null));
  const [error, setError] = useState(/** @type {unknown} */ (null));
  const polling = useMemo(() => new Polling(async () => {
    try {
      setBrought(await api.get(`/shows/${show_id}/summary`));
      setError(null);
    } catch (failure) {
      setError(failure);
    }
  }, EVERY_MS), [show_id]);
  useEffect(() => {
    const follow = () => polling.want(document.visibilityState === "visible");
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      polling.want(false);
    };
  }, [polling]);
  if (!brought) return error ? html`<p class="notice notice--trouble">${errorText(error)}</p>` : html`<${SkeletonLines} label=${t("loading")} />`;
  const { orders, units, viewers_peak, revenue_minor, currency } = brought;
  return html`<dl class="tally tally--grid figures">
    <div><dt>${t("summary.orders")}</dt><dd>${orders}</dd></div><div><dt>${t("summary.units")}</dt><dd>${units}</dd></div>
    ${viewers_peak > 0 && html`<div><dt>${t("summary.peak")}</dt><dd>${viewers_peak}</dd></div>`}
    ${revenue_minor !== null && html`<div><dt>${t("summary.money")}</dt><dd>${money(revenue_minor, currency)}</dd></div>`}</dl>`;
}
