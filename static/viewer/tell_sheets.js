/** Telling the moderators: about a comment, and that one would like to come back. */

import { html, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { briefly } from "../views/comment_picture.js";
import { Field } from "../views/field.js";
import { Sheet } from "../views/sheet.js";
import { useAttempt } from "../views/use_attempt.js";
import { useShow } from "./show_context.js";

const WHYS = Object.freeze(["spam", "abuse", "hate", "sexual", "violence", "scam", "privacy", "other"]);
const REPORT_CHARS = 300;
const REQUEST_CHARS = 1000;

/** @param {{comment: import("../lib/types.js").Comment}} props */
export function ReportSheet({ comment }) {
  const { t } = useApp();
  const { room } = useShow();
  const [why, setWhy] = useState("spam");
  const [words, setWords] = useState("");
  const send = () => room.request("report", { comment: comment.id, why, text: words.trim() }, { write: true });
  return html`<${TellSheet} title=${t("tell.report")} done=${t("tell.reported")} send=${send}>
    <blockquote class="quiet"><b>${comment.name}</b> <bdi>${briefly(t, comment)}</bdi></blockquote>
    <${Field} name="report-why" label=${t("tell.why")} value=${why} onInput=${setWhy} options=${WHYS.map((value) => ({ value, label: t(`tell.why.${value}`) }))} />
    <${Field} name="report-words" label=${t("tell.words")} value=${words} onInput=${setWords} optional rows=${2} maxlength=${REPORT_CHARS} />
  <//>`;
}

/** For who was removed: the socket is closed, so it goes by the API. */
export function UnbanSheet() {
  const { t, api } = useApp();
  const { show } = useShow();
  const [words, setWords] = useState("");
  const send = () => api.post(`/shows/${show.id}/unban-request`, { message: words.trim() });
  return html`<${TellSheet} title=${t("tell.unban")} done=${t("tell.asked")} send=${send}>
    <p class="quiet">${t("tell.unban_why")}</p>
    <${Field} name="unban-words" label=${t("tell.unban_words")} value=${words} onInput=${setWords} optional rows=${3} maxlength=${REQUEST_CHARS} />
  <//>`;
}

/** @param {{title: string, done: string, send: () => Promise<unknown>, children?: unknown}} props */
function TellSheet({ title, done, send, children }) {
  const { t, toasts } = useApp();
  const attempt = useAttempt();
  const { openSheet } = useShow();
  const [busy, setBusy] = useState(false);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setBusy(true);
    const went = await attempt(send);
    if (!went) return setBusy(false);
    toasts.show(done);
    return openSheet(null);
  };
  return html`<${Sheet} title=${title} onClose=${() => openSheet(null)} class="sheet--small">
    <form class="stack" onSubmit=${submit} novalidate>${children}
      <${Button} kind="accent wide tall" type="submit" busy=${busy}>${t("tell.send")}<//></form>
  <//>`;
}
