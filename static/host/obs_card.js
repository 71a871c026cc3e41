/** Everything OBS (or FFmpeg) needs to publish this show, and whether it has arrived. The key can be changed. */

import { html, useState } from "../vendor/preact.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { Icon } from "../views/icon.js";
import { useAttempt } from "../views/use_attempt.js";
import { useHealth } from "./broadcast.js";

/**
 * @param {{show: import("../lib/types.js").Show, state: import("../lib/room/room_state.js").RoomState,
 *   broadcast: import("./broadcast.js").Broadcast}} props broadcast: of this browser; while it sends, the picture in the room is not an encoder's
 */
export function ObsCard({ show, state, broadcast }) {
  const { t, api, toasts, errorText } = useApp();
  const attempt = useAttempt();
  const loaded = useLoad(() => api.get(`/shows/${show.id}/stream-key`), [show.id]);
  const [shown, setShown] = useState(false);
  const [sure, setSure] = useState(false);
  const rotate = async () => {
    setSure(false);
    await attempt(async () => {
      loaded.set(await api.post(`/shows/${show.id}/stream-key`, undefined, { key: true }));
      toasts.show(t("obs.rotated"));
    });
  };
  /** @param {string} text */
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      toasts.show(t("copied"));
    } catch {
      // Pages without HTTPS have no clipboard: show it, so that it can be marked and copied by hand.
      setShown(true);
      toasts.show(t("obs.copy_by_hand"));
    }
  };
  useHealth(broadcast, state.host);
  const arrived = state.host === "live" && !broadcast.publishing;
  const key = loaded.value?.key ?? "";
  const server = loaded.value?.whip_url ?? "";
  return html`<details class="card obs">
    <summary><span class="grow">${t("obs.title")}</span> ${!broadcast.publishing && html`<span class=${`badge ${arrived ? "badge--won" : ""}`}>${t(arrived ? "obs.arrived" : "obs.waiting")}</span>`}</summary>
    <p class="field__hint">${t("obs.intro")}</p>
    ${loaded.error && html`<p class="notice notice--trouble" role="alert"><span class="grow">${errorText(loaded.error)}</span><button type="button" class="link" onClick=${loaded.again}>${t("again")}</button></p>`}
    <${Line} label=${t("obs.server")} text=${server} onCopy=${copy} />
    <${Line} label=${t("obs.key")} text=${shown ? key : "•".repeat(Math.min(24, key.length))} onCopy=${() => copy(key)} />
    ${sure && html`<p class="notice notice--accent" role="alert">${t("obs.rotate_what")}</p>`}
    <div class="obs__tools">
      <${Button} kind="small" onClick=${() => setShown(!shown)}><${Icon} name="eye" />${t(shown ? "obs.hide" : "obs.show")}<//>
      ${sure
        ? html`<${Button} kind="danger small" onClick=${rotate}>${t("obs.rotate_sure")}<//><${Button} kind="small" onClick=${() => setSure(false)}>${t("cancel")}<//>`
        : html`<${Button} kind="small" onClick=${() => setSure(true)}><${Icon} name="refresh" />${t("obs.rotate")}<//>`}
    </div>
  </details>`;
}

/** @param {{label: string, text: string, onCopy: (text: string) => void}} props */
function Line({ label, text, onCopy }) {
  const { t } = useApp();
  return html`<div class="obs__line"><span class="field__label">${label}</span><code>${text || "…"}</code>
    <${Button} kind="quiet round" label=${`${t("copy")}: ${label}`} onClick=${() => onCopy(text)}><${Icon} name="copy" /><//></div>`;
}
