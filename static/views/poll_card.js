/** A poll: its choices to press, then how the votes stand. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { Countdown } from "./countdown.js";
import { Icon } from "./icon.js";

/** @typedef {import("../lib/room/polls.js").PollView} PollView */
/** @typedef {import("../lib/room/polls.js").Choice} Choice */

/**
 * @param {{poll: PollView, results: boolean, onVote?: (at: number) => void, tools?: unknown, extra?: string}} props
 *   results: whether to show how the votes stand; onVote: without it nothing can be pressed; tools: beside the question
 */
export function PollCard({ poll, results, onVote, tools, extra = "" }) {
  const { t } = useApp();
  const { question, choices, over, ends_at_ms, told } = poll;
  const votes = onVote && !over ? onVote : null;
  return html`<section class=${`poll ${extra}`} aria-label=${`${t("poll.title")}: ${question}`}>
    <header class="poll__head"><${Icon} name="poll" /><h3 class="poll__question"><bdi>${question}</bdi></h3>
      ${!over && ends_at_ms !== null && html`<${Countdown} until_ms=${ends_at_ms} label=${t("poll.left")} icon=${false} />`}
      ${over && html`<span class="badge badge--won">${t("poll.over")}</span>`}
      ${tools}</header>
    <div class="poll__choices" role="group" aria-label=${question}>${choices.map((choice, at) => html`<${ChoiceRow} key=${at} choice=${choice} results=${results && told} onVote=${votes && (() => votes(at))} />`)}</div>
    <p class="poll__foot small" role="status">${foot(t, poll, Boolean(votes))}</p>
  </section>`;
}

/** @param {import("../lib/words/i18n.js").Translate} t @param {PollView} poll @param {boolean} votes whether this person may vote @returns {string} */
function foot(t, { over, told, early, voted, hidden, mine }, votes) {
  if (over && !told) return t("poll.counting");
  if (over && !voted) return t("poll.nobody");
  const said = t("poll.voted", { count: voted });
  if (over) return said;
  if (early && !votes) return `${said} · ${t("poll.early")}`;
  if (hidden && (early || !told)) return `${said} · ${t("poll.hidden")}`;
  return votes && mine === null ? t("poll.pick") : said;
}

/** @param {{choice: Choice, results: boolean, onVote: (() => void) | null}} props */
function ChoiceRow({ choice, results, onVote }) {
  const { t } = useApp();
  const { text, votes, percent, won, mine } = choice;
  const told = results ? t("poll.choice_told", { choice: text, percent, count: votes }) : text;
  const label = [told, won && t("poll.won"), mine && !onVote && t("poll.yours")].filter(Boolean).join(". ");
  const inside = html`<span class="poll__bar" aria-hidden="true" style=${{ transform: `scaleX(${results ? percent / 100 : 0})` }}></span>
    <span class="poll__mark" aria-hidden="true">${(mine || won) && html`<${Icon} name="check" />`}</span>
    <bdi class="poll__text" aria-hidden="true">${text}</bdi>
    ${results && html`<b class="poll__percent figures" aria-hidden="true">${t("poll.percent", { percent })}</b>`}`;
  const kinds = `poll__choice ${won ? "poll__choice--won" : ""} ${mine ? "poll__choice--mine" : ""}`;
  return onVote
    ? html`<button type="button" class=${kinds} aria-pressed=${String(mine)} aria-label=${label} onClick=${onVote}>${inside}</button>`
    : html`<div class=${kinds} role="img" aria-label=${label}>${inside}</div>`;
}
