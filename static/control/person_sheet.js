/** A person as the shop's staff knows them: what was done to them, what is noted, and everything that can be done. */

import { html, useState } from "../vendor/preact.js";
import { AskForm } from "../host/ask_form.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { useAttempt } from "../views/use_attempt.js";
import { actionWords } from "./events_pane.js";
import { BANS_S, TIMEOUTS_S, spanKey } from "./moderation.js";
import { Switch } from "./modes_sheet.js";

/** @typedef {{person: string, name: string}} Whom */

/**
 * @param {{show_id: string, whom: Whom, said: import("../lib/types.js").Comment[], moderation: import("./moderation.js").Moderation, act: import("./acting.js").Act, onClose: () => void}} props
 *   said: what they said that is still in the room
 */
export function PersonSheet({ show_id, whom, said, moderation, act, onClose }) {
  const { t, i18n, api, errorText } = useApp();
  const attempt = useAttempt();
  const loaded = useLoad(() => api.get(`/shows/${show_id}/people/${whom.person}`), [whom.person]);
  const [asking, setAsking] = useState("");
  const file = loaded.value;
  const day = new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium" });
  const moment = new Intl.DateTimeFormat(i18n.locale, { dateStyle: "short", timeStyle: "short" });
  /** @param {() => Promise<import("./moderation.js").Done>} run */
  const does = async (run) => {
    if (!await act(run)) return;
    setAsking("");
    loaded.again();
  };
  /** @param {string} note */
  const forget = (note) => attempt(() => api.delete(`/shows/${show_id}/notes/${note}`).then(loaded.again));
  const strikes = (file?.actions ?? []).filter((/** @type {any} */ one) => one.action === "strike").length;
  const tool = (/** @type {string} */ name, /** @type {() => Promise<import("./moderation.js").Done>} */ run) => html`<${Button} kind="small" onClick=${() => does(run)}>${t(`person.${name}`)}<//>`;
  return html`<${Sheet} title=${whom.name} onClose=${onClose}>
    ${loaded.error && html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>`}
    ${file ? html`<ul class="facts-line"><li>${t(`person.kind.${file.kind}`)}</li><li>${t("person.since", { day: day.format(file.created_at_ms) })}</li><li>${t(file.bought ? "person.bought" : "person.no_buyer")}</li>
      <li>${t("control.said", { count: said.length })}</li>${strikes > 0 && html`<li>${t("person.strikes", { count: strikes })}</li>`}${file.role && html`<li>${t(`role.${file.role}`)}</li>`}</ul>` : !loaded.error && html`<${SkeletonLines} label=${t("loading")} />`}
    ${file?.ban && html`<p class="notice notice--trouble">${file.ban.expires_at_ms ? t("person.banned_until", { time: moment.format(file.ban.expires_at_ms) }) : t("person.banned")}${file.ban.reason && `: ${file.ban.reason}`}</p>`}
    ${!file?.role && html`<div class="person__tools person__tools--all">
      ${TIMEOUTS_S.map((seconds) => html`<${Button} key=${seconds} kind="small" onClick=${() => does(() => moderation.timeout(whom, seconds))}><${Icon} name="clock" />${t(spanKey(seconds))}<//>`)}
      ${tool("delete_all", () => moderation.removeAll(whom))}${tool("shadow_ban", () => moderation.shadowBan(whom))}${tool("lift", () => moderation.unban(whom))}
      <${Button} kind="small" onClick=${() => setAsking("warn")}>${t("person.warn")}<//><${Button} kind="danger small" onClick=${() => setAsking("ban")}>${t("person.ban")}<//></div>`}
    ${asking === "warn" && html`<${WarnForm} run=${(/** @type {string} */ text) => does(() => moderation.warn(whom, text))} />`}
    ${asking === "ban" && html`<${BanForm} run=${(/** @type {any} */ how) => does(() => moderation.ban(whom, how))} />`}
    <h3>${t("person.notes")}</h3>
    <ol class="events">${(file?.notes ?? []).map((/** @type {any} */ note) => html`<li key=${note.id}><time>${moment.format(note.at_ms)}</time><span><b>${note.author_name}</b> <bdi>${note.text}</bdi></span>
      <${Button} kind="quiet round" label=${t("person.forget")} onClick=${() => forget(note.id)}><${Icon} name="trash" /><//></li>`)}</ol>
    <${NoteForm} run=${async (/** @type {string} */ text) => { await api.post(`/shows/${show_id}/people/${whom.person}/notes`, { text }, { key: true }); loaded.again(); }} />
    <h3>${t("person.history")}</h3>
    ${file && !file.actions.length && html`<p class="field__hint">${t("person.no_history")}</p>`}
    <ol class="events">${(file?.actions ?? []).map((/** @type {any} */ one) => html`<li key=${`${one.show} ${one.at_ms} ${one.action_id}`}><time>${moment.format(one.at_ms)}</time><span>${actionWords(t, one)}</span></li>`)}</ol>
  <//>`;
}

/** @param {{run: (text: string) => Promise<void>}} props */
function WarnForm({ run }) {
  const { t } = useApp();
  const [text, setText] = useState(t("person.warn_usual"));
  return html`<${AskForm} card=${false} label=${t("person.warn")} run=${() => run(text)}><${Field} name="warning" label=${t("person.warn_text")} hint=${t("person.warn_hint")} value=${text} onInput=${setText} rows=${2} maxlength="300" /><//>`;
}

/** @param {{run: (how: {reason: string, seconds: number, device: boolean, address: boolean}) => Promise<void>}} props */
function BanForm({ run }) {
  const { t } = useApp();
  const [reason, setReason] = useState("");
  const [seconds, setSeconds] = useState("0");
  const [device, setDevice] = useState(true);
  const [address, setAddress] = useState(false);
  return html`<${AskForm} card=${false} label=${t("person.ban")} kind="danger wide tall" run=${() => run({ reason, seconds: Number(seconds), device, address })}>
    <${Field} name="span" label=${t("person.how_long")} value=${seconds} onInput=${setSeconds} options=${BANS_S.map((one) => ({ value: String(one), label: t(spanKey(one)) }))} />
    <${Field} name="reason" label=${t("person.reason")} value=${reason} onInput=${setReason} optional=${true} maxlength="500" />
    <div class="checks"><${Switch} name="device" label=${t("person.device")} on=${device} onChange=${setDevice} /><${Switch} name="address" label=${t("person.address")} on=${address} onChange=${setAddress} /></div><//>`;
}

/** @param {{run: (text: string) => Promise<void>}} props */
function NoteForm({ run }) {
  const { t } = useApp();
  const [text, setText] = useState("");
  return html`<${AskForm} card=${false} start=${false} kind="small" idle=${!text.trim()} label=${t("person.add_note")} run=${async () => { await run(text); setText(""); }}>
    <${Field} name="note" label=${t("person.note")} value=${text} onInput=${setText} rows=${2} maxlength="1000" /><//>`;
}
