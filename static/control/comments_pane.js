/** Comments as a table, newest at the bottom. It stops scrolling while it is pointed at or moved through by keys. */

import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { Composer } from "../host/room_pane.js";
import { useApp } from "../views/app.js";
import { Avatar } from "../views/avatar.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { TIMEOUTS_S, UNDO_MS, spanKey } from "./moderation.js";
import { stepFrom } from "./place.js";

/** @typedef {import("../lib/types.js").Comment} Comment */
/** @typedef {import("../lib/room_state.js").RoomState} RoomState */

const SLOW_MODES_S = [0, 5, 15, 60];
const KEY_TIMEOUT_S = 300;
/** @type {Intl.DateTimeFormatOptions} */
export const CLOCK = Object.freeze({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** @param {KeyboardEvent} event @returns {boolean} whether the key is meant for something else */
function typing(event) {
  const at = /** @type {HTMLElement | null} */ (event.target);
  return event.ctrlKey || event.metaKey || event.altKey || !!at?.closest("input, textarea, select");
}

/** @param {{room: import("../lib/room.js").RoomClient, state: RoomState, moderation: import("./moderation.js").Moderation}} props */
export function CommentsPane({ room, state, moderation }) {
  const { t, toasts, errorText, i18n } = useApp();
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

  /** @param {() => Promise<import("./moderation.js").Done>} run */
  const act = async (run) => {
    try {
      const done = await run();
      const action = done.undo ? { label: t("control.undo"), run: () => void takeBack(done) } : undefined;
      toasts.show(t(`control.did.${done.action}`, { name: done.name, span: done.seconds ? t(spanKey(done.seconds), { seconds: done.seconds }) : "" }), { shown_ms: UNDO_MS, action });
    } catch (error) {
      toasts.trouble(errorText(error));
    }
  };
  /** @param {import("./moderation.js").Done} [done] without it the last */
  const takeBack = async (done) => {
    try {
      const undone = await moderation.undo(Date.now(), done);
      toasts.show(undone ? t("control.undone", { name: undone.name }) : t("control.nothing_to_undo"));
    } catch (error) {
      toasts.trouble(errorText(error));
    }
  };
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
  /** @type {Record<string, () => void>} */
  const keys = {
    j: () => move(1), k: () => move(-1), u: () => void takeBack(),
    "/": () => search.current?.focus(),
    d: () => current && void act(() => moderation.remove(current)),
    t: () => current && void act(() => moderation.timeout(current, KEY_TIMEOUT_S)),
    b: () => current && void act(() => moderation.ban(current)),
    r: () => current && !over && answer(current),
    Escape: letGo,
  };
  // Before the next key can come: the second of two quick ones must act on what the first has chosen.
  useLayoutEffect(() => {
    /** @param {KeyboardEvent} event */
    const press = (event) => {
      const at = /** @type {HTMLElement | null} */ (event.target);
      if (event.key === "Escape" && at === search.current) setFilter("");
      if (event.key === "Escape" && at?.closest("input")) return at.blur();
      if (typing(event) || !keys[event.key]) return undefined;
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
      ${!over && html`<${SlowMode} state=${state} moderation=${moderation} />`}</header>
    <div class="log" ref=${box} onMouseEnter=${pause} onMouseLeave=${release}>
      ${!shown.length && html`<${EmptyState} icon="chat" title=${t(wanted ? "control.no_match" : over ? "control.was_quiet" : "room.quiet")} />`}
      <table class="log__table" hidden=${!shown.length}><colgroup><col class="log__col-time" /><col class="log__col-name" /><col /></colgroup><thead class="log__head"><tr><th>${t("control.time")}</th><th>${t("control.who")}</th><th>${t("control.what")}</th></tr></thead>
        <tbody>${shown.map((one) => html`<tr key=${one.id} tabindex="-1" aria-selected=${String(one.id === chosen)} class=${one.person === current?.person ? "log__same" : ""} onClick=${() => point(one)}>
          <td class="log__time">${when.format(one.at_ms)}</td>
          <td class="log__name"><span class="cut" title=${one.name}>${one.badge && html`<span class="badge badge--accent">${t(`badge.${one.badge}`)}</span> `}${one.name}</span></td>
          <td class="log__text">${one.reply_to && html`<${Icon} name="reply" class="log__reply" />`}<bdi>${one.text}</bdi></td></tr>`)}</tbody></table>
    </div>
    ${held && fresh > 0 && html`<button type="button" class="control__fresh" onClick=${letGo}>${t("control.paused", { count: fresh })}</button>`}
    ${current && html`<${PersonCard} comment=${current} state=${state} act=${act} moderation=${moderation} onReply=${() => answer(current)} onClose=${letGo} />`}
    ${reply && html`<p class="control__reply"><${Icon} name="reply" /><span class="cut">${t("room.reply_to", { name: reply.name })}: ${reply.text}</span>
      <button type="button" class="link" onClick=${() => setReply(null)}>${t("cancel")}</button></p>`}
    ${!over && html`<${Composer} room=${room} state=${state} reply=${reply} onSent=${() => setReply(null)} />`}
    <p class="control__keys">${t("control.keys")}</p>
  </section>`;
}

/**
 * @param {{comment: Comment, state: RoomState, act: (run: () => Promise<import("./moderation.js").Done>) => Promise<void>,
 *   moderation: import("./moderation.js").Moderation, onReply: () => void, onClose: () => void}} props
 */
function PersonCard({ comment, state, act, moderation, onReply, onClose }) {
  const { t } = useApp();
  const said = state.comments.filter(({ person }) => person === comment.person).length;
  const staff = comment.badge !== null;
  return html`<div class="card person" role="group" aria-label=${comment.name}>
    <${Avatar} name=${comment.name} />
    <div class="person__who"><b class="cut" title=${comment.name}>${comment.name}</b><small>${t("control.said", { count: said })}</small></div>
    <div class="person__tools">
      ${state.show?.state !== "ended" && html`<${Button} kind="small" onClick=${onReply}><${Icon} name="reply" />${t("control.reply")}<//>`}
      <${Button} kind="small" onClick=${() => act(() => moderation.remove(comment))}><${Icon} name="trash" />${t("control.delete")}<//>
      ${!staff && html`<select class="input person__time" aria-label=${t("control.timeout")} value="" onChange=${(/** @type {{currentTarget: HTMLSelectElement}} */ event) => {
          const seconds = Number(event.currentTarget.value);
          event.currentTarget.value = "";
          if (seconds) void act(() => moderation.timeout(comment, seconds));
        }}><option value="">${t("control.timeout")}</option>${TIMEOUTS_S.map((seconds) => html`<option value=${seconds}>${t(`control.span.${seconds}`)}</option>`)}</select>
        <${Button} kind="danger small" onClick=${() => act(() => moderation.ban(comment))}>${t("control.ban")}<//>
        <${Button} kind="quiet small" onClick=${() => act(() => moderation.unban(comment))}>${t("control.unban")}<//>`}
      <${Button} kind="quiet round" label=${t("close")} onClick=${onClose}><${Icon} name="close" /><//>
    </div>
  </div>`;
}

/** @param {{state: RoomState, moderation: import("./moderation.js").Moderation}} props */
function SlowMode({ state, moderation }) {
  const { t, toasts, errorText } = useApp();
  /** @param {number} seconds */
  const choose = async (seconds) => {
    const before_s = state.slow_mode_s;
    try {
      await moderation.slowMode(seconds);
      toasts.show(seconds ? t("control.slow_on", { seconds }) : t("control.slow_is_off"), { shown_ms: UNDO_MS, action: { label: t("control.undo"), run: () => void moderation.slowMode(before_s).catch((error) => toasts.trouble(errorText(error))) } });
    } catch (error) {
      toasts.trouble(errorText(error));
    }
  };
  return html`<label class="control__slow">${t("control.slow")}
    <select class="input" value=${String(state.slow_mode_s)} onChange=${(/** @type {{currentTarget: HTMLSelectElement}} */ event) => choose(Number(event.currentTarget.value))}>
      ${SLOW_MODES_S.map((seconds) => html`<option value=${String(seconds)} selected=${seconds === state.slow_mode_s}>${seconds ? t("control.slow_s", { seconds }) : t("control.slow_off")}</option>`)}
    </select></label>`;
}
