/** Time left to a moment of the shop's clock. Drawn once a second, on the second. */

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { formatLeft } from "../lib/clock.js";
import { useApp } from "./app.js";
import { Icon } from "./icon.js";

const URGENT_MS = 10_000;
const DAY_MS = 86_400_000;

/**
 * Milliseconds left, falling once a second.
 * @param {number | null} until_ms null stops it
 * @returns {number}
 */
export function useLeft(until_ms) {
  const { clock } = useApp();
  const [, redraw] = useState(0);
  const over = until_ms === null || clock.left_ms(until_ms) <= 0;
  useEffect(() => {
    if (over) return undefined;
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    const tick = () => {
      redraw((count) => count + 1);
      timer = setTimeout(tick, Math.min(clock.toNextSecond_ms(), clock.left_ms(until_ms)) + 5);
    };
    timer = setTimeout(tick, clock.toNextSecond_ms() + 5);
    return () => clearTimeout(timer);
  }, [until_ms, over]);
  return until_ms === null ? 0 : clock.left_ms(until_ms);
}

/**
 * Figures, with the days as a word: a clock of four numbers is read by nobody.
 * @param {import("../lib/words/i18n.js").Translate} t
 * @param {number} left_ms
 * @returns {string}
 */
export function leftWords(t, left_ms) {
  const days = Math.floor(left_ms / DAY_MS);
  return days ? `${t("days", { count: days })} ${formatLeft(left_ms - days * DAY_MS)}` : formatLeft(left_ms);
}

/** @param {{until_ms: number, label?: string, urgent_ms?: number, icon?: boolean, onEnd?: () => void}} props */
export function Countdown({ until_ms, label, urgent_ms = URGENT_MS, icon = true, onEnd }) {
  const { t } = useApp();
  const left_ms = useLeft(until_ms);
  const told = useRef(false);
  useEffect(() => {
    if (left_ms > 0) told.current = false;
    if (left_ms > 0 || told.current) return;
    told.current = true;
    onEnd?.();
  });
  return html`<span class=${`countdown ${left_ms < urgent_ms ? "countdown--urgent" : ""}`} role="timer">
    ${icon && html`<${Icon} name="clock" />`}${label && html`<span class="unseen">${label} </span>`}${leftWords(t, left_ms)}
  </span>`;
}
