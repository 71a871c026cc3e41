/** The moderators' own channel: nobody else hears it. */

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { useBusy } from "../views/use_attempt.js";
import { CLOCK } from "./comments_pane.js";

const TEXT_CHARS = 1000;

/** @param {{notes: import("../lib/types.js").Fact[], moderation: import("./moderation.js").Moderation}} props */
export function TeamPane({ notes, moderation }) {
  const { t, i18n } = useApp();
  const [text, setText] = useState("");
  const { busy, run } = useBusy();
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const when = new Intl.DateTimeFormat(i18n.locale, CLOCK);
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [notes]);
  /** @param {Event} event */
  const say = async (event) => {
    event.preventDefault();
    if (!text.trim() || busy) return;
    await run("say", async () => {
      await moderation.say(text.trim());
      setText("");
    });
  };
  return html`<div class="team">
    <p class="control__keys">${t("control.team_hint")}</p>
    <div class="team__log" role="log" aria-label=${t("control.tab.team")} tabindex="0" ref=${box}>
      ${!notes.length && html`<${EmptyState} icon="chat" title=${t("control.team_quiet")} />`}
      <ol class="events">${notes.map((note) => html`<li key=${note.seq}><time>${when.format(note.at_ms)}</time><span><b>${note.name}</b> <bdi>${note.text}</bdi></span></li>`)}</ol>
    </div>
    <form class="composer" onSubmit=${say}>
      <input class="input" id="team-says" aria-label=${t("control.team_say")} placeholder=${t("control.team_say")} maxlength=${TEXT_CHARS} value=${text}
        onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => setText(event.currentTarget.value)} />
      <${Button} type="submit" kind="round" label=${t("control.team_send")} busy=${busy !== ""}><${Icon} name="send" /><//>
    </form>
  </div>`;
}
