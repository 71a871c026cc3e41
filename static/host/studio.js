/** The studio of one show: before (checklist, Go live), live (preview, run of show, room), after (summary). */

import { html, useEffect, useMemo, useState } from "../vendor/preact.js";
import { Awake } from "../lib/media/awake.js";
import { followSession } from "../lib/room/follow_session.js";
import { RoomClient } from "../lib/room/room.js";
import { useAccent, useApp, useLoad, useTitle } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { SkeletonLines } from "../views/skeleton.js";
import { TopBar } from "../views/top_bar.js";
import { useAttempt } from "../views/use_attempt.js";
import { Broadcast, useTrouble } from "./broadcast.js";
import { ObsCard } from "./obs_card.js";
import { OnAirBar } from "./on_air_bar.js";
import { PicturePane } from "./picture_pane.js";
import { RoomPane } from "./room_pane.js";
import { RunOfShow } from "./run_of_show.js";
import { ShowSheet } from "./show_sheet.js";
import { StockNotice } from "./stock_notice.js";
import { Summary } from "./summary.js";

/** @typedef {import("../lib/types.js").Show} Show */

/**
 * The room of a show, as this person sees it; left when the component goes.
 * @param {string} show_id
 */
export function useRoom(show_id) {
  const { session, clock, i18n, api } = useApp();
  const room = useMemo(() => {
    const url = `${location.origin.replace(/^http/, "ws")}/ws/shows/${encodeURIComponent(show_id)}`;
    return new RoomClient({ url, token: () => session.freshToken(), language: i18n.language, clock });
  }, [show_id]);
  const [state, setState] = useState(room.state);
  const [status, setStatus] = useState(room.status);
  useEffect(() => {
    const stops = [room.on("state", setState), room.on("status", setStatus), followSession(room, session, api), askIfOver(room, api)];
    const wake = () => room.wake();
    addEventListener("online", wake);
    room.open();
    return () => {
      removeEventListener("online", wake);
      stops.forEach((stop) => stop());
      room.close();
    };
  }, [room]);
  return { room, state, status };
}

/**
 * A room that was closed because the session is over brings the page to its sign-in, instead of waiting for an answer.
 * @param {RoomClient} room @param {import("../lib/server/api.js").Api} api
 */
function askIfOver(room, api) {
  let asked = false; // once, until it was open again: a room that refuses a good token is not asked for ever
  return room.on("status", (status) => {
    if (status === "open") asked = false;
    if (asked || status !== "closed" || !["signed_out", "unauthorised"].includes(room.reason)) return;
    asked = true;
    api.refresh().then((stands) => stands && room.open(), () => {}); // offline: the next press asks again
  });
}

/** Keeps a phone's screen on while its camera is on the air. @param {Broadcast} broadcast */
function useAwake(broadcast) {
  useEffect(() => {
    const awake = new Awake();
    const follow = () => void awake.want(broadcast.publishing && document.visibilityState === "visible");
    const stop = broadcast.subscribe(follow);
    document.addEventListener("visibilitychange", follow);
    return () => {
      stop();
      document.removeEventListener("visibilitychange", follow);
      void awake.want(false);
    };
  }, [broadcast]);
}

/** @param {{show_id: string}} props */
export function Studio({ show_id }) {
  const { t, api, errorText } = useApp();
  const loaded = useLoad(() => api.get(`/shows/${show_id}`), [show_id]);
  /** @type {Show | null} */
  const show = loaded.value;
  useTitle(show?.title ?? t("host.title"));
  useAccent(show?.shop.accent);
  if (!show) {
    return html`<${TopBar} title=${t("host.title")} /><main class="page">${loaded.error
      ? html`<${EmptyState} icon="alert" title=${errorText(loaded.error)} action=${html`<p class="ask__ways"><${Button} kind="accent" onClick=${loaded.again}>${t("again")}<//><a class="btn" href="#">${t("studio.back")}</a></p>`} />`
      : html`<${SkeletonLines} label=${t("loading")} />`}</main>`;
  }
  if (show.state === "ended") return html`<${TopBar} title=${t("host.title")} /><main class="page page--wide"><${Summary} show=${show} /></main>`;
  return html`<${Stage} show=${show} changed=${loaded.again} />`;
}

/** @param {{show: Show, changed: () => void}} props */
function Stage({ show, changed }) {
  const { t, api } = useApp();
  const { room, state, status } = useRoom(show.id);
  const broadcast = useMemo(() => new Broadcast(show.id, () => api.get(`/shows/${show.id}/stream-key`)), [show.id]);
  useAwake(broadcast);
  const trouble = useTrouble(broadcast);
  const [seen, setSeen] = useState(0);
  const [editing, setEditing] = useState(false);
  const [drawer, setDrawer] = useState("picture");
  const live = show.state === "live" || state.show?.state === "live";
  useEffect(() => {
    const leave = () => broadcast.leavePage();
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      broadcast.close();
    };
  }, [broadcast]);
  useEffect(() => room.on("fact", ({ kind }) => {
    if (kind === "show") changed();
    if (kind === "media_moved") broadcast.mediaMoved();
  }), [room]);
  const attempt = useAttempt();
  const goLive = () => attempt(async () => {
    if (!(await broadcast.publish())) return;
    if (!live) await api.post(`/shows/${show.id}/start`, undefined, { key: true });
    changed();
  });
  const start = () => attempt(async () => {
    await api.post(`/shows/${show.id}/start`, undefined, { key: true });
    changed();
  });
  const end = () => attempt(async () => {
    await api.post(`/shows/${show.id}/end`, undefined, { key: true });
    broadcast.end();
    changed();
  });
  const unread = Math.max(0, state.comments.length - seen);
  const panes = /** @type {const} */ (["picture", "products", "room"]);
  return html`<div class="studio">
    <${OnAirBar} show=${show} state=${state} status=${status} live=${live} broadcast=${broadcast} onEnd=${end} onEdit=${() => setEditing(true)} />
    ${trouble && html`<p class="notice notice--trouble studio__trouble" role="alert"><${Icon} name="alert" /><span class="grow">${t(trouble)}</span></p>`}
    <${StockNotice} shop=${show.shop.id} />
    <nav class="studio__tabs segments" aria-label=${t("studio.panes")}>${panes.map((pane) => html`<button type="button"
      aria-pressed=${String(drawer === pane)} onClick=${() => { setDrawer(pane); setSeen(state.comments.length); }}>${t(`studio.pane.${pane}`)}
        ${pane === "room" && drawer !== "room" && unread > 0 && html`<span class="badge badge--accent badge--count">${unread}</span>`}</button>`)}</nav>
    <main class="studio__panes" data-pane=${drawer}>
      <section class="studio__pane" data-name="picture" aria-label=${t("studio.pane.picture")}>
        <${PicturePane} show=${show} state=${state} live=${live} known=${status === "open" && state.ready} broadcast=${broadcast} onGoLive=${goLive} />
        ${live ? null : state.host === "live" && html`<div class="notice notice--won"><span class="grow">${t("studio.obs_arrived")}</span>
          <${Button} kind="accent small" onClick=${start}>${t("studio.go_live")}<//></div>`}
        <${ObsCard} show=${show} state=${state} broadcast=${broadcast} />
      </section>
      <section class="studio__pane" data-name="products" aria-label=${t("studio.pane.products")}>
        <${RunOfShow} show=${show} state=${state} attempt=${attempt} changed=${changed} />
      </section>
      <section class="studio__pane" data-name="room" aria-label=${t("studio.pane.room")}>
        <${RoomPane} room=${room} state=${state} show=${show} />
      </section>
    </main>
    ${editing && html`<${ShowSheet} shop=${show.shop.id} show=${show} onClose=${() => setEditing(false)} onSaved=${changed} />`}
  </div>`;
}
