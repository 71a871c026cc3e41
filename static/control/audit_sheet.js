/** Everything that was done in this show, with who did it; it can be taken back here, and taken away as CSV. */

import { html, useRef, useState } from "../vendor/preact.js";
import { saveFile } from "../lib/files/download.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { useAttempt } from "../views/use_attempt.js";
import { actionWords } from "./events_pane.js";
import { undoable } from "./moderation.js";

const KINDS = Object.freeze(["delete", "delete_person", "timeout", "ban", "unban", "shadow_ban", "warn", "approve", "deny", "expire", "modes", "shield", "slow_mode", "report", "strike", "show_question", "answer_question", "dismiss_question", "open_poll", "close_poll", "dismiss_poll", "undo"]);

/** @param {{show_id: string, undoAction: (id: string) => Promise<void>, onClose: () => void}} props */
export function AuditSheet({ show_id, undoAction, onClose }) {
  const { t, api, i18n, clock, errorText } = useApp();
  const attempt = useAttempt();
  const [kind, setKind] = useState("");
  const [reading, setReading] = useState(false);
  /** @type {ReturnType<typeof useLoad<{actions: any[], next: string | null}>>} */
  const loaded = useLoad(() => api.get(`/shows/${show_id}/moderation?action=${kind}`), [kind]);
  const moment = new Intl.DateTimeFormat(i18n.locale, { dateStyle: "short", timeStyle: "medium" });
  /** Lays the next page under what is shown, unless other actions were asked for meanwhile. */
  const more = async () => {
    const shown = loaded.value;
    if (!shown || reading) return;
    setReading(true);
    await attempt(async () => {
      const page = await api.get(`/shows/${show_id}/moderation?action=${kind}&cursor=${shown.next}`);
      if (latest.current === shown) loaded.set({ ...page, actions: [...shown.actions, ...page.actions] });
    });
    setReading(false);
  };
  const latest = useRef(loaded.value);
  latest.current = loaded.value;
  /** @param {string} id */
  const takeBack = async (id) => {
    await undoAction(id);
    loaded.again();
  };
  const csv = async () => saveFile(await api.get(`/shows/${show_id}/moderation.csv`, { file: true }), `moderation-${show_id}.csv`);
  const actions = loaded.value?.actions ?? [];
  return html`<${Sheet} title=${t("control.audit")} onClose=${onClose}>
    <div class="audit__head"><select class="input" aria-label=${t("audit.kind")} value=${kind} onChange=${(/** @type {{currentTarget: HTMLSelectElement}} */ event) => setKind(event.currentTarget.value)}>
      <option value="">${t("audit.all")}</option>${KINDS.map((one) => html`<option value=${one} selected=${one === kind}>${t(`audit.kind.${one}`)}</option>`)}</select>
      <${Button} kind="small" onClick=${() => loaded.again()}><${Icon} name="refresh" />${t("audit.again")}<//>
      <${Button} kind="small" onClick=${() => attempt(csv)}><${Icon} name="download" />${t("audit.csv")}<//></div>
    ${loaded.error && html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>`}
    ${!loaded.value && !loaded.error && html`<${SkeletonLines} label=${t("loading")} />`}
    ${loaded.value && !actions.length && html`<${EmptyState} icon="list" title=${t("control.no_events")} />`}
    <ol class="events audit">${actions.map((one) => html`<li key=${`${one.at_ms} ${one.action_id}`}><time>${moment.format(one.at_ms)}</time>
      <span>${actionWords(t, one)}${one.reason && html` <small>(${one.reason})</small>`}${one.undone_by && html` <small>${t("audit.undone")}</small>`}${one.detail.text && html`<small class="audit__said"><bdi>${one.detail.text}</bdi></small>`}</span>
      ${!one.undone_by && undoable([], { ...one, kind: "moderation" }, clock.now_ms()) && html`<${Button} kind="quiet small" onClick=${() => takeBack(one.action_id)}>${t("control.undo")}<//>`}</li>`)}</ol>
    ${loaded.value?.next && html`<${Button} kind="wide" busy=${reading} onClick=${more}>${t("stream.more")}<//>`}
  <//>`;
}
