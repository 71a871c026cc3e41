/** One calm line when the room cannot be reached, and what to do about it. Nothing is shown for a short hiccup. */

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { useApp, usePerson } from "../views/app.js";
import { Icon } from "../views/icon.js";
import { useOnline } from "./use_room.js";

const HICCUP_MS = 1_500;

/** Sentences for the reasons after which nobody comes back by themselves. @type {Record<string, string>} */
const CLOSED = {
  banned: "room.banned",
  signed_out: "room.signed_out",
  unauthorised: "room.signed_out",
  too_many_connections: "room.too_many",
  origin_refused: "room.refused",
  no_such_show: "show.not_found",
  version: "room.outdated",
  bad_message: "room.outdated",
  hello_missing: "room.outdated",
};

/** @param {{status: import("../lib/room/room.js").Status, reason: string, onRetry: () => void, onAskBack: () => void}} props onAskBack: for who was banned */
export function Connection({ status, reason, onRetry, onAskBack }) {
  const { t } = useApp();
  const online = useOnline();
  const person = usePerson();
  const guest = useRef(false);
  if (person) guest.current = person.kind === "guest";
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    setLasting(false);
    if (status === "open") return undefined;
    const timer = setTimeout(() => setLasting(true), HICCUP_MS);
    return () => clearTimeout(timer);
  }, [status === "open"]);
  return html`<div class="connection" role="status" aria-live="polite">${line()}</div>`;

  function line() {
    if (status === "closed" && CLOSED[reason]) return closedLine();
    if (online && (status === "open" || !lasting)) return null;
    if (!online) return html`<p class="connection__line"><${Icon} name="wifi_off" />${t("room.offline")}</p>`;
    return html`<p class="connection__line"><span class="connection__ring"></span>${t("room.reconnecting")}
      ${status === "waiting" && html`<button type="button" class="link link--tap" onClick=${onRetry}>${t("room.retry")}</button>`}</p>`;
  }

  function closedLine() {
    // A guest has nothing to sign in with, and comes back as a new one.
    const key = guest.current && CLOSED[reason] === "room.signed_out" ? "room.visit_over" : CLOSED[reason];
    const next = key === "room.signed_out"
      ? html`<a class="link link--tap" href=${`/account#next=${encodeURIComponent(location.pathname)}`}>${t("nav.sign_in")}</a>`
      : key === "room.banned" ? html`<button type="button" class="link link--tap" onClick=${onAskBack}>${t("tell.unban")}</button>`
      : (key === "room.outdated" || key === "room.visit_over") && html`<button type="button" class="link link--tap" onClick=${() => location.reload()}>${t("room.reload")}</button>`;
    return html`<p class="connection__line connection__line--trouble"><${Icon} name="alert" />${t(key)} ${next}</p>`;
  }
}
