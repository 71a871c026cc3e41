/** A show's title, words, time and poster: of a new show, or changed later. */

import { html, useState } from "../vendor/preact.js";
import { zoneName } from "../lib/clock.js";
import { useApp } from "../views/app.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";
import { usePreview } from "../views/use_preview.js";
import { AskForm } from "./ask_form.js";

/** @typedef {import("../lib/types.js").Show} Show */

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** @param {number} ms @returns {string} for an input of type datetime-local */
export function localTime(ms) {
  return new Date(ms - new Date(ms).getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

/** @param {{shop: string, show?: Show | null, onSaved: (show: Show) => void, onClose: () => void}} props show: null makes a new one */
export function ShowSheet({ shop, show = null, onSaved, onClose }) {
  const { t, api, i18n } = useApp();
  const [title, setTitle] = useState(show?.title ?? "");
  const [description, setDescription] = useState(show?.description ?? "");
  const [starts, setStarts] = useState(localTime(show?.starts_at_ms ?? Math.ceil(Date.now() / HOUR_MS) * HOUR_MS));
  const [poster, setPoster] = useState(/** @type {File | null} */ (null));
  const run = async () => {
    const body = { title: title.trim(), description: description.trim(), starts_at_ms: new Date(starts).getTime() };
    let saved = show ? await api.patch(`/shows/${show.id}`, body) : await api.post(`/shops/${shop}/shows`, body, { key: true });
    if (poster) saved = await api.put(`/shows/${saved.id}/poster`, poster, { headers: { "Content-Type": poster.type || "application/octet-stream" } });
    onClose();
    onSaved(saved);
  };
  return html`<${Sheet} title=${t(show ? "show.edit_title" : "show.new_title")} onClose=${onClose}>
    <${AskForm} card=${false} intro=${show ? "" : t("show.new_intro")} label=${t(show ? "save" : "show.create")} run=${run}>
      ${(/** @type {(name: string) => string | null} */ errorOf) => html`
        <${Field} name="title" label=${t("show.title")} value=${title} onInput=${setTitle} error=${errorOf("title")} maxlength="120" />
        <${Field} name="description" label=${t("show.description")} value=${description} onInput=${setDescription} error=${errorOf("description")} rows="3" optional maxlength="5000" />
        <${Field} name="starts_at_ms" type="datetime-local" label=${t("show.starts")} value=${starts} onInput=${setStarts} error=${errorOf("starts_at_ms")} hint=${t("show.zone", { zone: zoneName(i18n.locale) })} />
        <${Poster} file=${poster} now=${show?.poster?.url_320 ?? null} onChoose=${setPoster} />`}
    <//>
  <//>`;
}

/** @param {{file: File | null, now: string | null, onChoose: (file: File | null) => void}} props */
function Poster({ file, now, onChoose }) {
  const { t } = useApp();
  const preview = usePreview();
  const seen = preview.address || now;
  /** @param {Event} event */
  const choose = (event) => {
    const [chosen] = /** @type {HTMLInputElement} */ (event.currentTarget).files ?? [];
    onChoose(chosen ?? null);
    preview.show(chosen ?? null);
  };
  return html`<div class="poster">
    ${seen && html`<img class="poster__picture" src=${seen} alt="" />`}
    <label class="pictures__add btn btn--small"><${Icon} name="picture" />${t(seen ? "show.other_poster" : "show.poster")}
      <input class="unseen" type="file" accept="image/jpeg,image/png,image/webp,image/gif,image/avif" onChange=${choose} /></label>
    <small class="quiet">${file ? file.name : t("show.poster_hint")}</small>
  </div>`;
}
