/** Writing a message: words, up to four pictures, a voice note; each file is uploaded as it is added. */

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { canRecord } from "../../lib/files/voice_recorder.js";
import { useApp } from "../app.js";
import { Button } from "../button.js";
import { Icon } from "../icon.js";
import { useBusy } from "../use_attempt.js";
import { Recording } from "./recording.js";
import { VoicePlayer } from "./voice_player.js";

/** @typedef {import("../../lib/types.js").Attachment} Attachment */

const TEXT_CHARS = 2000;
const PICTURES_MOST = 4;
const KINDS = "image/jpeg,image/png,image/webp,image/gif,image/avif";

/** @param {{feed: import("../../lib/server/conversation_feed.js").ConversationFeed, eager: boolean}} props eager: the line to write in gets the focus */
export function Composer({ feed, eager }) {
  const { t } = useApp();
  const [text, setText] = useState("");
  const [added, setAdded] = useState(/** @type {Attachment[]} */ ([]));
  const { busy, run } = useBusy();
  const [recording, setRecording] = useState(false);
  const box = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  useEffect(() => {
    if (eager) box.current?.focus({ preventScroll: true });
  }, [eager]);
  const pictures = added.filter(({ kind }) => kind === "picture").length;
  const voiced = added.length > pictures;
  const upload = (/** @type {Blob[]} */ files) => run("upload", async () => {
    for (const file of files) {
      const one = await feed.upload(file);
      setAdded((before) => [...before, one]);
    }
  });
  const choose = (/** @type {{currentTarget: HTMLInputElement}} */ event) => {
    const files = [...(event.currentTarget.files ?? [])].slice(0, PICTURES_MOST - pictures);
    event.currentTarget.value = "";
    if (files.length && !busy) void upload(files);
  };
  const send = () => run("send", async () => {
    await feed.say(text.trim(), added);
    setText((now) => (now === text ? "" : now)); // what was typed meanwhile is the next message
    setAdded((now) => now.filter((one) => !added.includes(one)));
  });
  const change = (/** @type {string} */ now) => {
    setText(now);
    feed.stir();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing && able && !busy) void send();
  };
  const able = text.trim() !== "" || added.length > 0;
  return html`<div class="composer stack stack--tight">
    ${added.length > 0 && html`<ul class="composer__added">${added.map((one) => html`<li key=${one.id} class="composer__one">
      ${one.kind === "picture" ? html`<img src=${one.thumbnail_url} alt=${t("conversation.waiting_picture")} />` : html`<${VoicePlayer} voice=${one} onStale=${() => {}} />`}
      <${Button} kind="round quiet" label=${t("conversation.remove")} onClick=${() => setAdded(added.filter(({ id }) => id !== one.id))}><${Icon} name="close" /><//></li>`)}</ul>`}
    ${recording
      ? html`<${Recording} onDone=${(/** @type {Blob | null} */ file) => { setRecording(false); if (file) void upload([file]); }} />`
      : html`<textarea class="input composer__text" name="message" rows="2" maxlength=${TEXT_CHARS} aria-label=${t("conversation.write")} placeholder=${t("conversation.write")} value=${text} ref=${box}
          onInput=${(/** @type {{currentTarget: HTMLTextAreaElement}} */ event) => change(event.currentTarget.value)} onKeyDown=${onKeyDown}></textarea>
        <div class="row composer__tools">
          <label class=${`btn btn--round btn--quiet ${pictures >= PICTURES_MOST || busy ? "composer__off" : ""}`} title=${t("conversation.picture")}><${Icon} name="picture" /><span class="unseen">${t("conversation.picture")}</span>
            <input class="unseen" type="file" multiple accept=${KINDS} disabled=${pictures >= PICTURES_MOST || !!busy} onChange=${choose} /></label>
          ${canRecord() && html`<${Button} kind="round quiet" label=${t("conversation.record")} disabled=${voiced || !!busy} onClick=${() => setRecording(true)}><${Icon} name="mic" /><//>`}
          <span class="grow small quiet" role="status">${busy === "upload" && t("conversation.uploading")}</span>
          <${Button} kind="accent" busy=${busy === "send"} disabled=${!able || busy === "upload"} onClick=${send}><${Icon} name="send" />${t("conversation.send")}<//></div>`}</div>`;
}
