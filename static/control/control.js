/** The control view: one dense, quiet screen from which moderators keep the room in hand, by mouse or by keys. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { Gate } from "../host/gate.js";
import { LinksSheet } from "../host/links_sheet.js";
import { useRoom } from "../host/studio.js";
import { en as hostEn, zh as hostZh } from "../host/words.js";
import { questionsOf } from "../lib/room/questions.js";
import { startPage, useAccent, useApp, useLoad, usePerson, useTitle } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { LanguageSwitch } from "../views/language_switch.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { SupporterList } from "../views/supporters.js";
import { TopBar } from "../views/top_bar.js";
import { useActing } from "./acting.js";
import { AuditSheet } from "./audit_sheet.js";
import { ControlBar } from "./control_bar.js";
import { CommentsPane } from "./comments_pane.js";
import { EventsPane } from "./events_pane.js";
import { FiguresDesk } from "./figures_desk.js";
import { ModesSheet, closed } from "./modes_sheet.js";
import { Moderation, SHIELD_S } from "./moderation.js";
import { Names } from "./names.js";
import { PersonSheet } from "./person_sheet.js";
import { queuesOf, shieldLeft } from "./queues.js";
import { PollSheet } from "./poll_sheet.js";
import { QuestionsPane } from "./questions_pane.js";
import { QueuesPane } from "./queues_pane.js";
import { RepliesSheet } from "./replies_sheet.js";
import { RulesSheet } from "./rules_sheet.js";
import { Shield } from "./shield.js";
import { TeamPane } from "./team_pane.js";
import { WatchPane } from "./watch_pane.js";
import { en, zh } from "./words.js";

/** @typedef {{name: "person", whom: {person: string, name: string}} | {name: "replies", to: import("../lib/types.js").Comment | null} | {name: "modes" | "rules" | "audit" | "poll" | "keys" | "links" | "supporters"}} Open which sheet is open */

const TABS = Object.freeze(["queues", "asked", "team", "log"]);
const KEYS = Object.freeze(["j", "k", "d", "D", "t", "b", "h", "p", "i", "r", "e", "a", "u", "/", "Esc", "q", "y", "x", "w", "v", "s", "m", "g", "l", "c", "o", "?"]);
/** @type {Readonly<Record<string, string>>} */
const KEY_WORDS = Object.freeze({ D: "shift_d", "/": "filter", "?": "help" });

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
  const { t, api, clock, errorText } = useApp();
  const loaded = useLoad(() => api.get(`/shows/${show_id}`), []);
  const { room, state, status } = useRoom(show_id);
  const [moderation] = useState(() => new Moderation(room));
  const [names] = useState(() => new Names());
  const acting = useActing(moderation);
  const [sheet, setSheet] = useState(/** @type {Open | null} */ (null));
  const [tab, setTab] = useState("queues");
  const [turn, setTurn] = useState(0);
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
  if (state.you?.role === "stats") return html`<${FiguresDesk} show=${show} state=${state} status=${status} room=${room} />`;
  if (state.you?.role === "viewer") {
    return html`<${TopBar} title=${show.title} /><main class="page"><${EmptyState} icon="lock" title=${t("control.no_right")} action=${html`<a class="btn btn--accent" href=${`/shows/${show_id}`}>${t("control.watch")}</a>`}>${t("control.no_right_hint", { name: state.you.name })}<//></main>`;
  }
  const queues = queuesOf(state.board, clock.now_ms());
  const waiting = Object.values(queues).reduce((sum, cases) => sum + cases.length, 0);
  const counts = /** @type {Record<string, number>} */ ({ queues: waiting, asked: questionsOf(state).open.length });
  const modes = closed(state.board.modes).length;
  const over = (state.show?.state ?? show.state) === "ended";
  const press = () => void acting.act(() => moderation.shield(shieldLeft(state.board, clock.now_ms()) ? 0 : SHIELD_S));
  /** @param {{person: string, name: string}} whom */
  const openPerson = (whom) => setSheet({ name: "person", whom: { person: whom.person, name: whom.name } });
  const close = () => setSheet(null);
  const shop = show.shop.id;
  const rules = state.you?.role === "producer" || state.you?.role === "host";
  /** @type {Record<string, () => void>} */
  const keys = {
    s: () => { if (!over) press(); }, m: () => { if (!over) setSheet({ name: "modes" }); }, g: () => { if (rules) setSheet({ name: "rules" }); }, l: () => setSheet({ name: "audit" }), "?": () => setSheet({ name: "keys" }),
    q: () => { setTab("queues"); setTurn(turn + 1); },
    w: () => { setTab("asked"); setTurn(turn + 1); },
    v: () => setSheet({ name: "poll" }),
    // Drawn by then, and before the next key: what is typed at once must not be taken for keys of the desk.
    c: () => { setTab("team"); queueMicrotask(() => document.getElementById("team-says")?.focus()); },
    o: () => setTab("log"),
  };
  const desk = { acting, keys, closed: modes, openPerson, openReplies: (/** @type {import("../lib/types.js").Comment | null} */ to) => setSheet({ name: "replies", to }) };
  return html`<div class="control">
    <${ControlBar} show=${show} state=${state} status=${status}>${!over && html`<${Shield} board=${state.board} onPress=${press} />`}<//>
    <main class="control__panes">
      <${WatchPane} show=${show} state=${state} room=${room} />
      <${CommentsPane} room=${room} state=${state} moderation=${moderation} desk=${desk} />
      <section class="control__pane" aria-label=${t("control.side")}>
        <div class="tabs" role="group" aria-label=${t("control.side")}>${TABS.map((one) => html`<button type="button" key=${one} class="tabs__one" aria-pressed=${String(one === tab)} onClick=${() => setTab(one)}>${t(`control.tab.${one}`)}${one in counts && html` <b class=${counts[one] ? "tabs__count tabs__count--some" : "tabs__count"}>${counts[one]}</b>`}</button>`)}</div>
        ${tab === "queues" && html`<${QueuesPane} queues=${queues} moderation=${moderation} act=${acting.act} onPerson=${openPerson} turn=${turn} />`}
        ${tab === "asked" && html`<${QuestionsPane} state=${state} moderation=${moderation} act=${acting.act} onPerson=${openPerson} turn=${turn} over=${over} />`}
        ${tab === "team" && html`<${TeamPane} notes=${state.staff_notes} moderation=${moderation} />`}
        ${tab === "log" && html`<${EventsPane} show=${show} state=${state} names=${names} undoAction=${acting.undoAction} />`}
        <p class="control__ways"><${Button} kind="quiet small" onClick=${keys.v}>${t("poll.title")}<//>${!over && html`<${Button} kind="quiet small" onClick=${() => desk.openReplies(null)}>${t("control.replies")}<//>`}<${Button} kind="quiet small" onClick=${keys.l}>${t("control.audit")}<//><${Button} kind="quiet small" onClick=${() => setSheet({ name: "supporters" })}>${t("supporters.title")}<//><${Button} kind="quiet small" onClick=${() => setSheet({ name: "links" })}>${t("links.links")}<//>${rules && html`<${Button} kind="quiet small" onClick=${keys.g}>${t("control.rules")}<//>`}<${Button} kind="quiet small" onClick=${keys["?"]}>${t("control.all_keys")}<//></p>
      </section>
    </main>
    <footer class="control__foot"><${LanguageSwitch} /></footer>
    ${sheet?.name === "person" && html`<${PersonSheet} key=${sheet.whom.person} show_id=${show_id} whom=${sheet.whom} said=${state.comments.filter(({ person }) => person === sheet.whom.person)} moderation=${moderation} act=${acting.act} onClose=${close} />`}
    ${sheet?.name === "modes" && html`<${ModesSheet} show_id=${show_id} board=${state.board} moderation=${moderation} act=${acting.act} onClose=${close} />`}
    ${sheet?.name === "rules" && html`<${RulesSheet} shop=${shop} onClose=${close} />`}
    ${sheet?.name === "replies" && html`<${RepliesSheet} show_id=${show_id} room=${room} to=${sheet.to} onClose=${close} />`}
    ${sheet?.name === "poll" && html`<${PollSheet} state=${state} moderation=${moderation} act=${acting.act} onClose=${close} />`}
    ${sheet?.name === "audit" && html`<${AuditSheet} show_id=${show_id} undoAction=${acting.undoAction} onClose=${close} />`}
    ${sheet?.name === "supporters" && html`<${Sheet} title=${t("supporters.title")} onClose=${close}><${SupporterList} board=${state.board} /><//>`}
    ${sheet?.name === "links" && html`<${LinksSheet} show=${show} mayName=${rules} onClose=${close} />`}
    ${sheet?.name === "keys" && html`<${KeysSheet} onClose=${close} />`}
  </div>`;
}

/** @param {{onClose: () => void}} props */
function KeysSheet({ onClose }) {
  const { t } = useApp();
  return html`<${Sheet} title=${t("control.all_keys")} onClose=${onClose}><dl class="keys">${KEYS.map((key) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${t(`key.${KEY_WORDS[key] ?? key}`)}</dd></div>`)}</dl><//>`;
}

startPage(Control, { en: [hostEn, en], zh: [hostZh, zh] });
