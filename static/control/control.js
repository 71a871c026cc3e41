/** The control view: one dense, quiet screen from which moderators keep the room in hand, by mouse or by keys. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { Gate } from "../host/gate.js";
import { useRoom } from "../host/studio.js";
import { en as hostEn, zh as hostZh } from "../host/words.js";
import { startPage, useAccent, useApp, useLoad, usePerson, useTitle } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { LanguageSwitch } from "../views/language_switch.js";
import { SkeletonLines } from "../views/skeleton.js";
import { TopBar } from "../views/top_bar.js";
import { CommentsPane } from "./comments_pane.js";
import { EventsPane } from "./events_pane.js";
import { Moderation } from "./moderation.js";
import { Names } from "./names.js";
import { WatchPane } from "./watch_pane.js";
import { en, zh } from "./words.js";

const show_id = decodeURIComponent(location.pathname.split("/")[2] ?? "");

function Control() {
  const { t, session, toasts, errorText } = useApp();
  const person = usePerson();
  const [asked, setAsked] = useState(false);
  useTitle(t("control.title"));
  useEffect(() => {
    session.resume().catch((error) => toasts.trouble(errorText(error))).finally(() => setAsked(true));
  }, []);
  if (!asked) return html`<${TopBar} title=${t("control.title")} /><main class="page"><${SkeletonLines} label=${t("loading")} /></main>`;
  if (person?.kind !== "account") return html`<${TopBar} title=${t("control.title")} /><main class="page page--narrow page--gate"><${Gate} person=${person} intro="control.sign_in_intro" /></main>`;
  return html`<${Desk} />`;
}

function Desk() {
  const { t, api, errorText } = useApp();
  const loaded = useLoad(() => api.get(`/shows/${show_id}`), []);
  const { room, state, status } = useRoom(show_id);
  const [moderation] = useState(() => new Moderation(room));
  const [names] = useState(() => new Names());
  names.learn(state.comments);
  if (state.you) names.learn([state.you]);
  /** @type {import("../lib/types.js").Show | null} */
  const show = loaded.value;
  useAccent(show?.shop.accent);
  useTitle(show ? `${show.title} · ${t("control.title")}` : t("control.title"));
  if (loaded.error && !show) {
    return html`<${TopBar} title=${t("control.title")} /><main class="page"><${EmptyState} icon="alert" title=${errorText(loaded.error)} action=${html`<p class="ask__ways"><${Button} kind="accent" onClick=${loaded.again}>${t("again")}<//><a class="btn" href="/host">${t("studio.back")}</a></p>`} /></main>`;
  }
  if (!show || !state.ready) return html`<${TopBar} title=${t("control.title")} /><main class="page"><${SkeletonLines} label=${t("loading")} /></main>`;
  if (state.you?.role === "viewer") {
    return html`<${TopBar} title=${show.title} /><main class="page"><${EmptyState} icon="lock" title=${t("control.no_right")} action=${html`<a class="btn btn--accent" href=${`/shows/${show_id}`}>${t("control.watch")}</a>`}>${t("control.no_right_hint", { name: state.you.name })}<//></main>`;
  }
  return html`<div class="control">
    <header class="bar">
      <a class="bar__brand" href="/">liveshop</a>
      <h1 class="bar__title cut" title=${show.title}>${show.title}</h1>
      ${state.you?.role === "host" && html`<a class="btn btn--small" href=${`/host#show=${show_id}`}>${t("host.title")}</a>`}
      <span class=${`badge ${(state.show?.state ?? show.state) === "live" ? "badge--live" : ""}`}>${t(`state.${state.show?.state ?? show.state}`)}</span>
      ${status !== "open" && html`<span class="badge badge--trouble" role="status">${t("studio.reconnecting")}</span>`}
      <dl class="bar__figures"><div><dt>${t("bar.viewers")}</dt><dd><b class="figure">${state.viewers}</b></dd></div>
        <div><dt>${t("bar.likes")}</dt><dd><b class="figure">${state.likes}</b></dd></div>
        <div><dt>${t("bar.health")}</dt><dd><b class=${`health health--${state.host === "live" ? "good" : state.host}`}>${t(`health.${state.host}`)}</b></dd></div></dl>
      <${LanguageSwitch} />
    </header>
    <main class="control__panes">
      <${WatchPane} show=${show} state=${state} room=${room} />
      <${CommentsPane} room=${room} state=${state} moderation=${moderation} />
      <${EventsPane} show=${show} state=${state} names=${names} moderation=${moderation} />
    </main>
    <footer class="control__foot"><${LanguageSwitch} /></footer>
  </div>`;
}

startPage(Control, { en: [hostEn, en], zh: [hostZh, zh] });
