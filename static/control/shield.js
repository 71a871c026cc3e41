/** The shield: one press closes the room to a raid for a while; how long is left stands on it. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Icon } from "../views/icon.js";
import { SHIELD_S } from "./moderation.js";
import { shieldLeft } from "./queues.js";

/** Draws again each second while something with an end is shown. @param {boolean} running @returns {void} */
export function useSeconds(running) {
  const [, setTurn] = useState(0);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setTurn((turn) => turn + 1), 1000);
    return () => clearInterval(timer);
  }, [running]);
}

/** @param {number} left_ms @returns {string} minutes and seconds */
export function clockWords(left_ms) {
  const left_s = Math.ceil(left_ms / 1000);
  return `${Math.floor(left_s / 60)}:${String(left_s % 60).padStart(2, "0")}`;
}

/** @param {{board: Record<string, any>, onPress: () => void}} props */
export function Shield({ board, onPress }) {
  const { t, clock } = useApp();
  const left_ms = shieldLeft(board, clock.now_ms());
  useSeconds(left_ms > 0);
  const burst = board["staff:burst"];
  const alarm = !left_ms && burst && clock.now_ms() - burst.at_ms < 60_000;
  return html`<span class="shield">${alarm && html`<span class="badge badge--trouble" role="alert">${t("control.burst", { count: burst.joins })}</span>`}
    <${Button} kind=${`small ${left_ms ? "danger" : ""}`} aria-pressed=${String(left_ms > 0)} onClick=${onPress}><${Icon} name="lock" />${left_ms ? t("control.shield_down", { left: clockWords(left_ms) }) : t("control.shield_up", { minutes: SHIELD_S / 60 })}<//></span>`;
}
