/** The head of the control view: which show, how it stands, and how many watch. */

import { html } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { LanguageSwitch } from "../views/language_switch.js";

/**
 * @param {{show: import("../lib/types.js").Show, state: import("../lib/room/room_state.js").RoomState, status: import("../lib/room/room.js").Status, children?: unknown}} props
 *   children: what can be done from here
 */
export function ControlBar({ show, state, status, children }) {
  const { t } = useApp();
  const phase = state.show?.state ?? show.state;
  return html`<header class="bar">
    <a class="bar__brand" href="/">liveshop</a>
    <h1 class="bar__title cut" title=${show.title}>${show.title}</h1>
    ${state.you?.role === "host" && html`<a class="btn btn--small" href=${`/host#show=${show.id}`}>${t("host.title")}</a>`}
    <span class=${`badge ${phase === "live" ? "badge--live" : ""}`}>${t(`state.${phase}`)}</span>
    ${status !== "open" && html`<span class="badge badge--trouble" role="status">${t("studio.reconnecting")}</span>`}
    <dl class="bar__figures"><div><dt>${t("bar.viewers")}</dt><dd><b class="figure">${state.viewers}</b></dd></div>
      <div><dt>${t("bar.likes")}</dt><dd><b class="figure">${state.likes}</b></dd></div>
      <div><dt>${t("bar.health")}</dt><dd><b class=${`health health--${state.host === "live" ? "good" : state.host}`}>${t(`health.${state.host}`)}</b></dd></div></dl>
    ${children}
    <${LanguageSwitch} />
  </header>`;
}
