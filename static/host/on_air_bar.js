/** The bar over the studio: on air since, people, orders, money, health as one word; leave and end apart. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { formatLeft } from "../lib/clock.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { Icon } from "../views/icon.js";
import { LanguageSwitch } from "../views/language_switch.js";
import { Sheet } from "../views/sheet.js";
import { useHealth } from "./broadcast.js";
import { LinksSheet } from "./links_sheet.js";

const SECOND_MS = 1000;

/** @param {{since_ms: number}} props */
function OnAir({ since_ms }) {
  const { clock } = useApp();
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw((count) => count + 1), SECOND_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<b class="figure">${formatLeft(Math.max(0, clock.now_ms() - since_ms))}</b>`;
}

/**
 * @param {{show: import("../lib/types.js").Show, state: import("../lib/room/room_state.js").RoomState, status: string, live: boolean,
 *   broadcast: import("./broadcast.js").Broadcast, onEnd: () => Promise<boolean>, onEdit: () => void}} props
 */
export function OnAirBar({ show, state, status, live, broadcast, onEnd, onEdit }) {
  const { t, api, money } = useApp();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [links, setLinks] = useState(false);
  const health = useHealth(broadcast, state.host);
  const newest = state.orders[state.orders.length - 1]?.order_ref ?? "";
  const summary = useLoad(() => api.get(`/shows/${show.id}/summary`), [show.id, newest]).value;
  const end = async () => {
    setBusy(true);
    await onEnd();
    setBusy(false);
    setAsking(false);
  };
  return html`<header class="bar">
    <a class="btn btn--quiet btn--round" href=${`#shop=${show.shop.id}`} aria-label=${t(live ? "studio.leave" : "studio.back")} title=${t(live ? "studio.leave" : "studio.back")}><${Icon} name="back" /></a>
    <h1 class="bar__title cut" title=${show.title}>${show.title}</h1>
    <${Button} kind="quiet round" label=${t("show.edit_title")} onClick=${onEdit}><${Icon} name="edit" /><//>
    <${Button} kind="quiet round" label=${t("share.title")} onClick=${() => setLinks(true)}><${Icon} name="share" /><//>
    <span class=${`badge ${live ? "badge--live" : ""}`}>${t(live ? "state.live" : "state.scheduled")}</span>
    ${status !== "open" && html`<span class="badge badge--trouble" role="status"><${Icon} name="wifi_off" />${t("studio.reconnecting")}</span>`}
    <dl class="bar__figures">
      ${live && show.started_at_ms !== null && html`<div><dt>${t("bar.on_air")}</dt><dd><${OnAir} since_ms=${show.started_at_ms} /></dd></div>`}
      <div><dt>${t("bar.viewers")}</dt><dd><b class="figure">${state.viewers}</b></dd></div>
      <div class="bar__likes"><dt>${t("bar.likes")}</dt><dd><b class="figure">${state.likes}</b></dd></div>
      <div><dt>${t("bar.orders")}</dt><dd><b class="figure">${summary?.orders ?? "–"}</b></dd></div>
      <div><dt>${t("bar.money")}</dt><dd><b class="figure">${summary ? money(summary.revenue_minor ?? 0, show.currency) : "–"}</b></dd></div>
      <div><dt>${t("bar.health")}</dt><dd><b class=${`health health--${health}`}>${t(`health.${health}`)}</b></dd></div>
    </dl>
    <${LanguageSwitch} />
    <a class="btn btn--small bar__control" href=${`/control/${show.id}`} target="_blank" rel="noopener">${t("studio.control")}</a>
    ${live && html`<${Button} kind="danger small" onClick=${() => setAsking(true)}>${t("studio.end")}<//>`}
    ${links && html`<${LinksSheet} show=${show} mayName=${true} onClose=${() => setLinks(false)} />`}
    ${asking && html`<${Sheet} title=${t("studio.end_title")} onClose=${() => setAsking(false)}
      foot=${html`<div class="stack stack--tight"><${Button} kind="danger wide" busy=${busy} onClick=${end}>${t("studio.end_yes")}<//>
        <${Button} kind="wide" onClick=${() => setAsking(false)}>${t("studio.end_no")}<//></div>`}>
      <p>${t("studio.end_what")}</p>
    <//>`}
  </header>`;
}
