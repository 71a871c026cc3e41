/** Where the player lives. The player itself (views/player.js) is no component: it owns its video element. */

import { html, useEffect, useRef } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { useShow } from "./show_context.js";

/** @param {{status: import("../lib/room/room.js").Status, onHeart: () => void}} props */
export function LivePicture({ status, onHeart }) {
  const { t } = useApp();
  const { room, state, show, phase } = useShow();
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const player = useRef(/** @type {any} */ (null));
  const heart = useRef(onHeart);
  heart.current = onHeart;
  const poster = show.poster?.url_1280 ?? show.products?.[0]?.picture?.url_1280 ?? null;
  // Who was removed gets no picture: asking on for one would only say "reconnecting".
  const removed = state.you?.banned || (status === "closed" && room.reason === "banned");
  const live = phase === "live" && !removed;
  useEffect(() => {
    if (!live || !box.current) return undefined;
    let gone = false;
    const container = box.current;
    import("../views/player.js").then(({ Player }) => {
      if (gone) return;
      player.current = new Player(container, { t, onHeart: () => heart.current(), renew: () => room.status === "open" && room.restart(), poster });
      attach(player.current, room.state);
    }, () => {});
    return () => {
      gone = true;
      player.current?.close?.();
      player.current = null;
    };
  }, [live]);
  useEffect(() => room.on("fact", (fact) => fact.kind === "media_moved" && player.current?.mediaMoved()), [room]);
  useEffect(() => attach(player.current, state), [state.whep?.token, state.whep?.url]);
  useEffect(() => player.current?.setHost(state.host), [state.host]);
  return html`<div class="stage__picture">
    ${poster && html`<img class="stage__poster" src=${poster} alt="" />`}
    ${live && html`<div class="stage__player" ref=${box} role="group" aria-label=${t("show.picture")}></div>`}
  </div>`;
}

/** @param {any} player @param {import("../lib/room/room_state.js").RoomState} state */
function attach(player, state) {
  if (!player || !state.whep) return;
  player.attach(state.whep.url, state.whep.token);
  player.setHost(state.host);
}
