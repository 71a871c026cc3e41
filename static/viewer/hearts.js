/** Floating hearts: one for each tap here, some for those of others. Decoration: hidden from screen readers. */

import { html, useEffect, useRef, useState } from "../vendor/preact.js";

const MOST_AT_ONCE = 24;
const MOST_OF_OTHERS = 8;
const FLIGHT_MS = 2_400;

/** @typedef {{id: number, left: number, drift: number, size: number, late_ms: number}} Heart */

/** @param {number} id @param {number} late_ms @returns {Heart} */
function newHeart(id, late_ms) {
  return { id, late_ms, left: Math.random() * 40, drift: Math.random() * 48 - 24, size: 20 + Math.random() * 14 };
}

/** @param {{likes: number, taps: import("./heart_taps.js").HeartTaps | null}} props */
export function Hearts({ likes, taps }) {
  const [hearts, setHearts] = useState(/** @type {Heart[]} */ ([]));
  const next = useRef(1);
  const seen = useRef(likes);
  const own = useRef(0);
  /** @param {number} count */
  const float = (count) => {
    if (document.visibilityState !== "visible" || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const fresh = Array.from({ length: count }, (_, i) => newHeart(next.current++, i * 120));
    const ids = new Set(fresh.map(({ id }) => id));
    setHearts((now) => [...now, ...fresh].slice(-MOST_AT_ONCE));
    setTimeout(() => setHearts((now) => now.filter(({ id }) => !ids.has(id))), FLIGHT_MS + count * 120);
  };
  useEffect(() => taps?.subscribe(() => {
    own.current += 1;
    float(1);
  }), [taps]);
  useEffect(() => {
    const more = likes - seen.current;
    seen.current = likes;
    // One's own hearts come back in the sum; they have flown already.
    const others = Math.max(0, more - own.current);
    own.current = Math.max(0, own.current - Math.max(0, more));
    if (others > 0 && more < likes) float(Math.min(MOST_OF_OTHERS, others));
  }, [likes]);
  return html`<div class="hearts" aria-hidden="true">${hearts.map((heart) => html`<svg key=${heart.id} class="hearts__one" viewBox="0 0 24 24"
    style=${{ right: `${heart.left}px`, width: `${heart.size}px`, "--drift": `${heart.drift}px`, animationDelay: `${heart.late_ms}ms` }}>
    <path d="M12 20.5S3 15 3 8.8A4.8 4.8 0 0 1 12 6.4a4.8 4.8 0 0 1 9 2.4c0 6.2-9 11.7-9 11.7z" /></svg>`)}</div>`;
}
