/** How the show's media fares: the host's stream in a few words, its sizes, and viewers, the worst first. */

import { html, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { Polling } from "../lib/server/polling.js";
import { useApp } from "../views/app.js";
import { SkeletonLines } from "../views/skeleton.js";
import { STATES, apart, combine, healthOf, publisherWords, rateWords, sinceWords, sizeWords, viewerWords } from "./stream_figures.js";

const EVERY_MS = 3000;
const FIRST_PAGE = 10;
const LONGEST_PAGE = 200;
const SIZE_HEADS = Object.freeze(["size", "rate", "key_frame", "watching"]);
const BADGES = Object.freeze({ live: "badge--won", no_codec: "badge--trouble", held: "badge--trouble", waiting: "badge--trouble", connecting: "", replaying: "" });

/**
 * The stream's figures, asked for while the returned box is on a screen that somebody looks at.
 * @param {string} show_id @param {number} limit @param {string} host what the room says of the host: a change is asked about at once
 */
function useStream(show_id, limit, host) {
  const { api } = useApp();
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const wish = useRef(limit);
  const [state, setState] = useState(/** @type {{stream: import("./stream_figures.js").Stream | null, error: unknown}} */ ({ stream: null, error: null }));
  const polling = useMemo(() => new Polling(async () => {
    try {
      const stream = combine(await api.get(`/shows/${show_id}/media?limit=${wish.current}`));
      setState({ stream, error: null });
    } catch (error) {
      setState(({ stream }) => ({ stream, error }));
    }
  }, EVERY_MS), [show_id]);
  useEffect(() => {
    if (!box.current) return undefined;
    let on_screen = false;
    const follow = () => polling.want(on_screen && document.visibilityState === "visible");
    const watch = new IntersectionObserver((entries) => {
      on_screen = entries[entries.length - 1].isIntersecting;
      follow();
    });
    watch.observe(box.current);
    document.addEventListener("visibilitychange", follow);
    return () => {
      watch.disconnect();
      document.removeEventListener("visibilitychange", follow);
      polling.want(false);
    };
  }, [polling]);
  useEffect(() => {
    wish.current = limit;
    void polling.now();
  }, [limit, host]);
  return { box, ...state };
}

/** Whether a failure goes by itself: no answer, or a process that is just being started again. @param {unknown} error */
function isPassing(error) {
  const { status } = /** @type {{status?: number}} */ (error);
  return !status || status >= 500;
}

/** @param {{show_id: string, host: string}} props */
export function StreamPane({ show_id, host }) {
  const { t, errorText } = useApp();
  const [limit, setLimit] = useState(FIRST_PAGE);
  const { box, stream, error } = useStream(show_id, limit, host);
  const health = stream && healthOf(stream);
  return html`<section class="stream" ref=${box} aria-label=${t("stream.title")}>
    <header class="stream__head"><h2>${t("stream.title")}</h2>${health && html`<b class=${`health health--${health}`}>${t(`health.${health}`)}</b>`}</header>
    ${error && html`<p class="notice notice--trouble" role="status">${isPassing(error) ? t("stream.failed") : errorText(error)}</p>`}
    ${!stream && !error && html`<${SkeletonLines} lines=${2} label=${t("loading")} />`}
    ${stream && html`<${HostStream} stream=${stream} /><${Audience} stream=${stream} limit=${limit} onMore=${() => setLimit(Math.min(LONGEST_PAGE, limit * 4))} />`}
  </section>`;
}

/** @param {{stream: import("./stream_figures.js").Stream}} props */
function HostStream({ stream }) {
  const { t, i18n } = useApp();
  const health = healthOf(stream);
  const what = stream.state === "ended" ? "ended" : health === "off" ? "none" : "away";
  if (health === "off" || health === "away") {
    return html`<p class="stream__empty"><b>${t(`stream.${what}`)}</b>${what !== "ended" && html`<br />${t(`stream.${what}_hint`)}`}</p>`;
  }
  return html`<ul class="facts-line">${publisherWords(stream, t, i18n.locale).map((word) => html`<li key=${word}>${word}</li>`)}</ul>
    ${stream.layers.length > 1 && html`<table class="sizes"><caption class="unseen">${t("stream.layers")}</caption>
      <thead><tr>${SIZE_HEADS.map((head) => html`<th scope="col">${t(`stream.${head}`)}</th>`)}</tr></thead>
      <tbody>${stream.layers.map((layer, place) => html`<tr key=${place}><th scope="row">${sizeWords(layer, t)}</th>
        <td>${rateWords(layer.bits_per_s, i18n.locale)}</td><td>${apart(layer, t, i18n.locale)}</td><td>${layer.viewers.toLocaleString(i18n.locale)}</td></tr>`)}</tbody></table>`}`;
}

/** @param {{stream: import("./stream_figures.js").Stream, limit: number, onMore: () => void}} props */
function Audience({ stream, limit, onMore }) {
  const { t, i18n } = useApp();
  if (!stream.total) return stream.state === "never" || stream.state === "ended" ? null : html`<p class="stream__empty">${t("stream.nobody")}</p>`;
  // While the host is away everybody waits, and nobody has a fault of their own.
  return html`<p class="stream__audience"><b>${t("stream.viewers", { count: stream.total })}</b>
      ${healthOf(stream) !== "away" && [...STATES].reverse().filter((state) => stream.states[state]).map((state) => html`<span key=${state} class=${`badge ${BADGES[/** @type {keyof typeof BADGES} */ (state)]}`}>${t("stream.of_state", { count: stream.states[state], state: t(`stream.state.${state}`) })}</span>`)}</p>
    <details class="sessions"><summary>${t("stream.sessions")}</summary>
      <ol class="sessions__list">${stream.viewers.map((viewer) => html`<li key=${viewer.session}>
        <span class="sessions__who"><code>${viewer.session}</code><span class=${`badge ${BADGES[/** @type {keyof typeof BADGES} */ (viewer.state)]}`}>${t(`stream.state.${viewer.state}`)}</span><small>${sinceWords(viewer.seconds, t)}</small></span>
        <ul class="facts-line">${viewerWords(viewer, stream.layers, t, i18n.locale).map((word) => html`<li key=${word}>${word}</li>`)}</ul></li>`)}</ol>
      ${stream.viewers.length < stream.total && limit < LONGEST_PAGE && html`<button type="button" class="link link--tap" onClick=${onMore}>${t("stream.more")}</button>`}
    </details>`;
}
