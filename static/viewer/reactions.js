/** Quick reactions: six to choose from, floating up for each press here and for some of those of others. */

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { stay } from "../views/comment_box.js";
import { Icon } from "../views/icon.js";
import { HeartTaps } from "./heart_taps.js";
import { useShow } from "./show_context.js";

/** The server knows these names; the signs are ours. @type {Readonly<Record<string, string>>} */
export const REACTIONS = Object.freeze({ clap: "👏", fire: "🔥", laugh: "😂", wow: "😮", love: "😍", party: "🎉" });
const MOST_AT_ONCE = 18;
const MOST_OF_OTHERS = 5;
const FLIGHT_MS = 2_400;

/** @typedef {{id: number, sign: string, left: number, drift: number, late_ms: number}} Flying */

/** @returns {[Flying[], (sign: string, count: number) => void]} what flies now, and how to let more fly */
function useFlight() {
  const [flying, setFlying] = useState(/** @type {Flying[]} */ ([]));
  const next = useRef(1);
  /** @param {string} sign @param {number} count */
  const float = (sign, count) => {
    if (document.visibilityState !== "visible" || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const fresh = Array.from({ length: count }, (_, i) => ({ id: next.current++, sign, late_ms: i * 120, left: Math.random() * 40, drift: Math.random() * 48 - 24 }));
    const ids = new Set(fresh.map(({ id }) => id));
    setFlying((now) => [...now, ...fresh].slice(-MOST_AT_ONCE));
    setTimeout(() => setFlying((now) => now.filter(({ id }) => !ids.has(id))), FLIGHT_MS + count * 120);
  };
  return [flying, float];
}

/** No props. */
export function Reactions() {
  const { t } = useApp();
  const { room, state } = useShow();
  const [open, setOpen] = useState(false);
  const [flying, float] = useFlight();
  const taps = useRef(/** @type {Record<string, HeartTaps>} */ ({}));
  const own = useRef(/** @type {Record<string, number>} */ ({}));
  const seen = useRef(state.tallies);
  useEffect(() => () => Object.values(taps.current).forEach((one) => one.stop()), []);
  useEffect(() => {
    for (const [name, sign] of Object.entries(REACTIONS)) {
      const tally = `react:${name}`;
      const before = seen.current[tally];
      const more = Math.max(0, (state.tallies[tally] ?? 0) - (before ?? 0));
      // One's own come back in the sum; they have flown already. What was there before one came does not fly.
      const others = Math.max(0, more - (own.current[name] ?? 0));
      own.current[name] = Math.max(0, (own.current[name] ?? 0) - more);
      if (others > 0 && (before !== undefined || seen.current.ready)) float(sign, Math.min(MOST_OF_OTHERS, others));
    }
    seen.current = { ...state.tallies, ready: 1 };
  }, [state.tallies]);
  /** @param {string} name */
  const press = (name) => {
    taps.current[name] ??= new HeartTaps((count) => room.tell("react", { reaction: name, count }));
    taps.current[name].tap(state.limits.likes_per_frame);
    own.current[name] = (own.current[name] ?? 0) + 1;
    float(REACTIONS[name], 1);
  };
  return html`<div class="reactions">
    <div class="reactions__flight" aria-hidden="true">${flying.map((one) => html`<span key=${one.id} class="reactions__one"
      style=${{ right: `${one.left}px`, "--drift": `${one.drift}px`, animationDelay: `${one.late_ms}ms` }}>${one.sign}</span>`)}</div>
    ${open && html`<div class="reactions__choice" role="group" aria-label=${t("react.label")}>${Object.entries(REACTIONS).map(([name, sign]) => html`<button key=${name} type="button" onMouseDown=${stay}
      aria-label=${t(`react.${name}`)} title=${t(`react.${name}`)} onClick=${() => press(name)}>${sign}</button>`)}</div>`}
    <button type="button" class="tool" aria-expanded=${String(open)} aria-label=${t("react.label")} title=${t("react.label")} onClick=${() => setOpen(!open)}><${Icon} name=${open ? "close" : "react"} /></button>
  </div>`;
}
