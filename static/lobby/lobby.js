/** The lobby: who is live now, and who comes next. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { startPage, useApp, useLoad, useTitle } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState, Failed } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { Skeleton } from "../views/skeleton.js";
import { FollowSheet } from "../views/follow_sheet.js";
import { TopBar } from "../views/top_bar.js";
import { formatDay, zoneName } from "../lib/clock.js";
import { LiveCard, UpcomingCard } from "./show_cards.js";
import { useFollows } from "./use_follows.js";
import { useReminders } from "./use_reminders.js";

const LOOK_AGAIN_MS = 15_000;

/** @typedef {import("../lib/types.js").ShowCard} ShowCard */
/** @typedef {{live: ShowCard[], scheduled: ShowCard[], ended: ShowCard[]}} Shows */

const MOST_ENDED = 8;

function Lobby() {
  const { api, session, t } = useApp();
  const shows = useLoad(() => loadShows(api), []);
  const [lost, setLost] = useState(cameByLostLink);
  useTitle("");
  useEffect(() => {
    session.resume().catch(() => {}); // without an answer the lobby is still the lobby
    const look = () => document.visibilityState === "visible" && shows.again();
    const timer = setInterval(look, LOOK_AGAIN_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return html`<div class="page">
    <a class="skip" href="#shows">${t("skip")}</a>
    <${TopBar} />
    <main class="page__main lobby" id="shows" tabindex="-1">
      <h1 class="unseen">${t("lobby.title")}</h1>
      ${lost && html`<p class="notice lobby__lost" role="status"><span class="grow">${t("lobby.link_unknown")}</span><${Button} kind="quiet round" label=${t("close")} onClick=${() => setLost(false)}><${Icon} name="close" /><//></p>`}
      ${shows.value ? html`<${Sections} shows=${shows.value} />`
        : shows.error ? html`<${Failed} error=${shows.error} onAgain=${shows.again} />`
        : html`<${Loading} />`}
    </main>
  </div>`;
}

/** Whether a share link led here that leads nowhere; taken out of the address. */
function cameByLostLink() {
  const lost = new URLSearchParams(location.search).get("link") === "unknown";
  if (lost) history.replaceState(history.state, "", "/");
  return lost;
}

/** @param {import("../lib/server/api.js").Api} api @returns {Promise<Shows>} */
async function loadShows(api) {
  const [live, scheduled, ended] = await Promise.all(["live", "scheduled", "ended"].map((state) => api.get(`/shows?state=${state}`)));
  // A server nobody has set up yet has nothing else to show.
  if (!live.shows.length && !scheduled.shows.length && !ended.shows.length) {
    const setup = await api.get("/setup").catch(() => null); // without an answer the lobby is still the lobby
    if (setup?.needed) location.replace("/setup");
  }
  const byStart = (/** @type {ShowCard} */ a, /** @type {ShowCard} */ b) => a.starts_at_ms - b.starts_at_ms;
  return {
    live: live.shows,
    scheduled: [...scheduled.shows].sort(byStart),
    ended: [...ended.shows].sort((a, b) => (b.ended_at_ms ?? 0) - (a.ended_at_ms ?? 0)).slice(0, MOST_ENDED),
  };
}

/** @param {{shows: Shows}} props */
function Sections({ shows }) {
  const { t, i18n } = useApp();
  const { follows, changed } = useFollows();
  const reminders = useReminders();
  const [asked, ask] = useState(/** @type {{shop: ShowCard["shop"], show: string | null} | null} what is to be told of, once there is an address */ (null));
  /** @param {ShowCard} show */
  const follow = ({ shop }) => ({
    following: follows(shop.id),
    onChange: (/** @type {{following: boolean}} */ now) => changed(shop.id, now.following),
    onAsk: () => ask({ shop, show: null }),
  });
  /** @param {ShowCard} show */
  const remind = ({ id, shop }) => ({
    reminder: reminders.reminderOf(id),
    onChange: (/** @type {import("../views/remind_button.js").Reminder} */ now) => reminders.changed(id, now),
    onAsk: () => ask({ shop, show: id }),
    onReached: () => ask(null),
  });
  return html`<div class="lobby__all">
    <section aria-labelledby="live-title"><h2 id="live-title" class="lobby__title">${t("lobby.live")}</h2>
      ${shows.live.length ? html`<ul class="lobby__live">${shows.live.map((show) => html`<${LiveCard} key=${show.id} show=${show} follow=${follow(show)} />`)}</ul>` : html`<${NobodyLive} next=${shows.scheduled[0] ?? null} />`}
    </section>
    <div class="lobby__later">
    ${shows.scheduled.length > 0 && html`<section aria-labelledby="next-title"><h2 id="next-title" class="lobby__title">${t("lobby.upcoming")}</h2>
      <p class="small quiet lobby__zone">${t("lobby.zone", { zone: zoneName(i18n.locale) })}</p>
      <ul class="lobby__next">${shows.scheduled.map((show) => html`<${UpcomingCard} key=${show.id} show=${show} follow=${follow(show)} remind=${remind(show)} />`)}</ul></section>`}
    ${shows.ended.length > 0 && html`<section aria-labelledby="ended-title"><h2 id="ended-title" class="lobby__title">${t("lobby.ended")}</h2>
      <ul class="lobby__next">${shows.ended.map((show) => html`<${UpcomingCard} key=${show.id} show=${show} follow=${follow(show)} />`)}</ul></section>`}
    </div>
    ${asked && html`<${FollowSheet} shop=${asked.shop} show=${asked.show} onClose=${() => ask(null)} />`}</div>`;
}

/** @param {{next: ShowCard | null}} props */
function NobodyLive({ next }) {
  const { t, i18n, clock } = useApp();
  return html`<div class="card"><${EmptyState} icon="camera" title=${t("lobby.nothing_live")}
    action=${next && html`<a class="btn" href=${`/shows/${next.id}`}>${t("lobby.look")}</a>`}>
    ${next ? t("lobby.nothing_live_next", { title: next.title, when: formatDay(next.starts_at_ms, i18n.locale, clock.now_ms()) }) : t("lobby.nothing_live_later")}<//></div>`;
}

/** No props. */
function Loading() {
  const { t } = useApp();
  return html`<section role="status"><span class="unseen">${t("loading")}</span><h2 class="lobby__title" aria-hidden="true">${t("lobby.live")}</h2>
    <div class="lobby__live">${[0, 1, 2].map(() => html`<div class="live"><${Skeleton} height="100%" /></div>`)}</div></section>`;
}

startPage(Lobby);
