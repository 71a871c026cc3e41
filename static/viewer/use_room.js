/** The room of a show, entered while the page is open, and what of the browser it depends on. */

import { useEffect, useMemo, useState } from "../vendor/preact.js";
import { followSession } from "../lib/room/follow_session.js";
import { RoomClient } from "../lib/room/room.js";
import { saleState } from "../lib/prices/offer.js";
import { viaOf } from "../lib/visitor/via.js";
import { useApp } from "../views/app.js";

/** @typedef {import("../lib/room/room_state.js").RoomState} RoomState */

/**
 * @param {string} show
 * @returns {{room: RoomClient, state: RoomState, status: import("../lib/room/room.js").Status}}
 */
export function useRoom(show) {
  const { session, clock, i18n, api } = useApp();
  const room = useMemo(() => {
    const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/shows/${encodeURIComponent(show)}`;
    return new RoomClient({ url, token: () => session.freshToken(), clock, language: i18n.language, via: () => viaOf(show, Date.now()) });
  }, [show]);
  const [state, setState] = useState(room.state);
  const [status, setStatus] = useState(room.status);
  useEffect(() => {
    const stops = [room.on("state", setState), room.on("status", setStatus), followSession(room, session, api)];
    const wake = () => document.visibilityState === "visible" && room.wake();
    const back = () => room.restart();
    addEventListener("online", back);
    document.addEventListener("visibilitychange", wake);
    room.open();
    return () => {
      removeEventListener("online", back);
      document.removeEventListener("visibilitychange", wake);
      for (const stop of stops) stop();
      room.close();
    };
  }, [room]);
  return { room, state, status };
}

/**
 * Draws again when a flash sale opens or runs out: no message comes for that, only time passes.
 * @param {Record<string, import("../lib/types.js").Sale>} sales
 */
export function useSaleTimes(sales) {
  const { clock } = useApp();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const now_ms = clock.now_ms();
    const times = Object.values(sales)
      .filter((sale) => saleState(sale, now_ms) !== "ended")
      .flatMap((sale) => [sale.starts_at_ms, sale.ends_at_ms])
      .filter((at_ms) => at_ms > now_ms);
    if (!times.length) return undefined;
    const timer = setTimeout(() => setRound((count) => count + 1), Math.min(Math.min(...times) - now_ms + 20, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  }, [sales, round]);
}

/**
 * @param {string} query
 * @returns {boolean} whether the media query matches now
 */
export function useMedia(query) {
  const list = useMemo(() => matchMedia(query), [query]);
  const [matches, setMatches] = useState(list.matches);
  useEffect(() => {
    const follow = () => setMatches(list.matches);
    list.addEventListener("change", follow);
    return () => list.removeEventListener("change", follow);
  }, [list]);
  return matches;
}

/** @returns {boolean} whether the browser believes it has a network */
export function useOnline() {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const follow = () => setOnline(navigator.onLine);
    addEventListener("online", follow);
    addEventListener("offline", follow);
    return () => {
      removeEventListener("online", follow);
      removeEventListener("offline", follow);
    };
  }, []);
  return online;
}
