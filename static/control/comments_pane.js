/** Comments as a table, newest at the bottom. It stops scrolling while it is pointed at or moved through by keys. */

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { Composer } from "../host/room_pane.js";
import { useApp } from "../views/app.js";
import { Avatar } from "../views/avatar.js";
import { Button } from "../views/button.js";
import { CommentText } from "../views/comment_list.js";
import { CommentPicture, briefly } from "../views/comment_picture.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { PinnedMessage } from "../views/pinned_message.js";
import { Medal } from "../views/supporters.js";
import { useAttempt } from "../views/use_attempt.js";
import { useTalk } from "../views/use_talk.js";
import { TIMEOUTS_S } from "./moderation.js";
import { stepFrom } from "./place.js";
import { answering } from "./queues.js";

/** @typedef {import("../lib/types.js").Comment} Comment */
/** @typedef {import("../lib/room/room_state.js").RoomState} RoomState */
/**
 * What the whole view offers its comments.
 * @typedef {{acting: ReturnType<typeof import("./acting.js").useActing>, keys: Record<string, () => void>, closed: number,
 *   openPerson: (whom: {person: string, name: string}) => void, openReplies: (to: Comment | null) => void}} Desk
 *   keys: those of the view itself; closed: how many modes are on
 */

const SLOW_MODES_S = [0, 5, 15, 60];
const KEY_TIMEOUT_S = 300;
const MOVES = "jk";
/** @type {Intl.DateTimeFormatOptions} */
export const CLOCK = Object.freeze({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** @param {KeyboardEvent} event @returns {boolean} whether the key is meant for something else */
function typing(event) {
  const at = /** @type {HTMLElement | null} */ (event.target);
  return event.ctrlKey || event.metaKey || event.altKey || !!at?.closest("input, textarea, select");
}

/**
 * @param {{room: import("../lib/room/room.js").RoomClient, state: RoomState, moderation: import("./moderation.js").Moderation, desk: Desk}} props
 */
export function CommentsPane({ room, state, moderation, desk }) {
  const { t, i18n, clock } = useApp();
  const attempt = useAttempt();
  const { act, takeBack } = desk.acting;
  const [chosen, setChosen] = useState("");
  const [filter, setFilter] = useState("");
  const [held, setHeld] = useState(/** @type {Comment[] | null} */ (null));
  const [reply, setReply] = useState(/** @type {Comment | null} */ (null));
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const search = useRef(/** @type {HTMLInputElement | null} */ (null));
  const alive = useMemo(() => new Set(state.comments.map(({ id }) => id)), [state.comments]);
  const wanted = filter.trim().toLocaleLowerCase();
  const shown = (held ? held.filter(({ id }) => alive.has(id)) : state.comments)
    .filter((one) => !wanted || `${one.name} ${one.text}`.toLocaleLowerCase().includes(wanted));
  const fresh = held ? state.comments.filter(({ id }) => !held.some((one) => one.id === id)).length : 0;
  const current = shown.find(({ id }) => id === chosen) ?? null;
  const over = state.show?.state === "ended";
  const when = new Intl.DateTimeFormat(i18n.locale, CLOCK);

  const around = useTalk(state);
  const busy = answering(state.board, clock.now_ms());
  /** @param {number} by */
  const move = (by) => {
    const all = held ?? state.comments;
    setHeld(all);
    const next = stepFrom(all.map(({ id }) => id), new Set(shown.map(({ id }) => id)), chosen, by);
    if (next) setChosen(next);
  };
  const letGo = () => {
    setHeld(null);
    setChosen("");
    setReply(null);
  };
  /** @param {Comment} comment */
  const answer = (comment) => {
    setReply(comment);
    queueMicrotask(() => document.querySelector(/** @type {"input"} */ (".control .composer input"))?.focus());
  };
  /** Tells the other moderators that this one is being answered, or that it is no longer. @param {Comment} comment */
  const claim = (comment) => attempt(() => moderation.answering(comment.id, busy.get(comment.id)?.person !== state.you?.person));
  const staff = current?.badge != null;
  /** @type {Record<string, () => unknown>} */
  const keys = {
    ...desk.keys,
    j: () => move(1), k: () => move(-1), u: () => takeBack(), "/": () => search.current?.focus(), Escape: letGo,
    d: () => current && act(() => moderation.remove(current)),
    D: () => current && act(() => moderation.removeAll(current)),
    t: () => current && !staff && act(() => moderation.timeout(current, KEY_TIMEOUT_S)),
    b: () => current && !staff && act(() => moderation.ban(current)),
    h: () => current && !staff && act(() => moderation.shadowBan(current)),
    p: () => !over && (current && state.board.pinned?.comment !== current.id ? act(() => moderation.pin(current)) : state.board.pinned && act(() => moderation.unpin())),
    r: () => current && !over && answer(current),
    a: () => current && !over && claim(current),
    e: () => !over && desk.openReplies(current),
    i: () => current && desk.openPerson(current),
    Enter: () => current && desk.openPerson(current),
  };
  // Before the next key can come: the second of two quick ones must act on what the first has chosen.
  useLayoutEffect(() => {
    /** @param {KeyboardEvent} event */
    const press = (event) => {
      const at = /** @type {HTMLElement | null} */ (event.target);
      if (event.key === "Escape" && at === search.current) setFilter("");
      if (event.key === "Escape" && at?.closest("input")) return at.blur();
      // A key that is held moves on, and does nothing else again and again.
      if (event.repeat && !MOVES.includes(event.key)) return undefined;
      if (typing(event) || !keys[event.key] || at?.closest(".sheet") || (event.key === "Enter" && at?.closest("button, a, summary"))) return undefined;
      event.preventDefault();
      keys[event.key]();
      return undefined;
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
  useEffect(() => {
    if (!held && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [state.comments, held]);
  useEffect(() => {
    box.current?.querySelector("[aria-selected='true']")?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  /** Nothing can slip away under the pointer while everything fits. */
  const pause = () => { if (box.current && box.current.scrollHeight > box.current.clientHeight) setHeld(held ?? state.comments); };
  const release = () => { if (!current) setHeld(null); };
  /** By the pointer: a second click on the same comment lets go of it. @param {Comment} one */
  const point = (one) => {
    if (one.id === chosen) return letGo();
    setHeld(held ?? state.comments);
    return setChosen(one.id);
  };
  return html`<section class="control__pane" aria-label=${t("comments")}>
    <header class="control__head"><h2>${t("comments")}</h2>
      <input class="input control__filter" ref=${search} type="search" aria-label=${t("control.filter")} placeholder=${t("control.filter")} value=${filter}
        onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => setFilter(event.currentTarget.value)} />
      ${!over && html`<${SlowMode} state=${state} moderation=${moderation} act=${act} />
        <${Button} kind=${`small ${desk.closed ? "accent" : ""}`} onClick=${desk.keys.m}>${desk.closed ? t("control.modes_on", { count: desk.closed }) : t("control.modes")}<//>`}</header>
    <${PinnedMessage} board=${state.board} around=${around} onUnpin=${over ? undefined : () => act(() => moderation.unpin())} />
    <div class="log" ref=${box} onMouseEnter=${pause} onMouseLeave=${release}>
      ${!shown.length && html`<${EmptyState} icon="chat" title=${t(wanted ? "control.no_match" : over ? "control.was_quiet" : "room.quiet")} />`}
      <table class="log__table" hidden=${!shown.length}><colgroup><col class="log__col-time" /><col class="log__col-name" /><col /></colgroup><thead class="log__head"><tr><th>${t("control.time")}</th><th>${t("control.who")}</th><th>${t("control.what")}</th></tr></thead>
        <tbody>${shown.map((one) => html`<tr key=${one.id} tabindex="-1" aria-selected=${String(one.id === chosen)} class=${one.person === current?.person ? "log__same" : ""} onClick=${() => point(one)}>
          <td class="log__time">${when.format(one.at_ms)}</td>
          <td class="log__name"><span class="cut" title=${one.name}>${one.badge && html`<span class="badge badge--accent">${t(`badge.${one.badge}`)}</span> `}<${Medal} place=${around.places.get(one.person)} />${one.name}</span></td>
          <td class="log__text">${busy.has(one.id) && html`<span class="badge badge--accent">${t("control.answering", { name: busy.get(one.id)?.name })}</span> `}${one.reply_to && html`<${Icon} name="reply" class="log__reply" />`}<${CommentText} comment=${one} around=${around} /><${CommentPicture} comment=${one} /></td></tr>`)}</tbody></table>
    </div>
    ${held && fresh > 0 && html`<button type="button" class="control__fresh" onClick=${letGo}>${t("control.paused", { count: fresh })}</button>`}
    ${current && html`<${PersonCard} comment=${current} state=${state} act=${act} moderation=${moderation} onReply=${() => answer(current)} onPerson=${() => desk.openPerson(current)} onClaim=${() => claim(current)} onClose=${letGo} />`}
    ${reply && html`<p class="control__reply"><${Icon} name="reply" /><span class="cut">${t("room.reply_to", { name: reply.name })}: ${briefly(t, reply)}</span>
      <button type="button" class="link" onClick=${() => setReply(null)}>${t("cancel")}</button></p>`}
    ${!over && html`<${Composer} room=${room} state=${state} reply=${reply} onSent=${() => setReply(null)} />`}
    <p class="control__keys">${t("control.keys")}</p>
  </section>`;
}

/**
 * @param {{comment: Comment, state: RoomState, act: import("./acting.js").Act,
 *   moderation: import("./moderation.js").Moderation, onReply: () => void, onPerson: () => void, onClaim: () => void, onClose: () => void}} props
 */
function PersonCard({ comment, state, act, moderation, onReply, onPerson, onClaim, onClose }) {
  const { t } = useApp();
  const said = state.comments.filter(({ person }) => person === comment.person).length;
  const staff = comment.badge !== null;
  return html`<div class="card person" role="group" aria-label=${comment.name}>
    <${Avatar} name=${comment.name} />
    <div class="person__who"><b class="cut" title=${comment.name}>${comment.name}</b><small>${t("control.said", { count: said })}</small></div>
    <${Button} kind="quiet round" class="person__close" label=${t("close")} onClick=${onClose}><${Icon} name="close" /><//>
    <div class="person__tools">
      ${state.show?.state !== "ended" && html`<${Button} kind="small" onClick=${onReply}><${Icon} name="reply" />${t("control.reply")}<//><${Button} kind="small" onClick=${onClaim}>${t("control.claim")}<//>`}
      <${Button} kind="small" onClick=${() => act(() => moderation.remove(comment))}><${Icon} name="trash" />${t("control.delete")}<//>
      ${!staff && html`<select class="input person__time" aria-label=${t("control.timeout")} value="" onChange=${(/** @type {{currentTarget: HTMLSelectElement}} */ event) => {
          const seconds = Number(event.currentTarget.value);
          event.currentTarget.value = "";
          if (seconds) void act(() => moderation.timeout(comment, seconds));
        }}><option value="">${t("control.timeout")}</option>${TIMEOUTS_S.map((seconds) => html`<option value=${seconds}>${t(`control.span.${seconds}`)}</option>`)}</select>
        <${Button} kind="danger small" onClick=${() => act(() => moderation.ban(comment))}>${t("control.ban")}<//>
        `}
      <${Button} kind="small" onClick=${onPerson}><${Icon} name="person" />${t("control.person")}<//>
    </div>
  </div>`;
}

/** @param {{state: RoomState, moderation: import("./moderation.js").Moderation, act: import("./acting.js").Act}} props */
function SlowMode({ state, moderation, act }) {
  const { t } = useApp();
  const now_s = state.slow_mode_s;
  const spans = [...new Set([...SLOW_MODES_S, now_s])].sort((one, other) => one - other); // a script may have set another
  const change = async (/** @type {{currentTarget: HTMLSelectElement}} */ { currentTarget: select }) => {
    if (!await act(() => moderation.slowMode(Number(select.value)))) select.value = String(now_s);
  };
  return html`<label class="control__slow">${t("control.slow")}
    <select class="input" value=${String(now_s)} onChange=${change}>
      ${spans.map((seconds) => html`<option value=${String(seconds)} selected=${seconds === now_s}>${seconds ? t("control.slow_s", { seconds }) : t("control.slow_off")}</option>`)}
    </select></label>`;
}
