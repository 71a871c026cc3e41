/** Ready answers: one press says one, as a reply to the chosen comment if there is one. */

import { html, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { AskForm } from "../host/ask_form.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";
import { useAttempt } from "../views/use_attempt.js";

/** @typedef {{title: string, text: string}} Reply */

/** @param {{show_id: string, room: import("../lib/room/room.js").RoomClient, to: import("../lib/types.js").Comment | null, onClose: () => void}} props */
export function RepliesSheet({ show_id, room, to, onClose }) {
  const { t, api, errorText } = useApp();
  const attempt = useAttempt();
  const loaded = useLoad(() => api.get(`/shows/${show_id}/saved-replies`), [show_id]);
  const [adding, setAdding] = useState(false);
  const saying = useRef(false);
  /** @type {Reply[]} */
  const replies = loaded.value?.replies ?? [];
  /** @param {Reply} reply */
  const say = async (reply) => {
    if (saying.current) return;
    saying.current = true;
    await attempt(async () => {
      await room.request("comment", { text: reply.text, ...(to && { reply_to: to.id }) }, { write: true });
      onClose();
    });
    saying.current = false;
  };
  /** @param {Reply[]} wanted */
  const put = async (wanted) => {
    await api.put(`/shows/${show_id}/saved-replies`, { replies: wanted });
    loaded.again();
  };
  /** A digit says the answer with this number. @param {KeyboardEvent} event */
  const press = (event) => {
    const reply = replies[Number(event.key) - 1];
    const at = /** @type {HTMLElement} */ (event.target);
    if (!reply || event.repeat || event.ctrlKey || event.metaKey || event.altKey || at.closest("input, textarea")) return;
    event.preventDefault();
    void say(reply);
  };
  // Before the next key can come: one that follows at once must find what is on the screen by then.
  useLayoutEffect(() => {
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
  return html`<${Sheet} title=${to ? t("room.reply_to", { name: to.name }) : t("control.replies")} onClose=${onClose}>
    <div class="replies">
      ${loaded.error && html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>`}
      ${loaded.value && !replies.length && !adding && html`<${EmptyState} icon="reply" title=${t("control.no_replies")} />`}
      <ol class="replies__list">${replies.map((reply, at) => html`<li key=${reply.title}><button type="button" class="replies__one" onClick=${() => say(reply)}><b>${at < 9 ? `${at + 1} · ` : ""}${reply.title}</b><span>${reply.text}</span></button>
        <${Button} kind="quiet round" label=${t("replies.remove", { title: reply.title })} onClick=${() => attempt(() => put(replies.filter((one) => one !== reply)))}><${Icon} name="trash" /><//></li>`)}</ol>
      ${adding ? html`<${AddReply} run=${async (/** @type {Reply} */ reply) => { await put([...replies, reply]); setAdding(false); }} />` : html`<${Button} kind="wide" onClick=${() => setAdding(true)}><${Icon} name="plus" />${t("replies.add")}<//>`}
    </div><//>`;
}

/** @param {{run: (reply: Reply) => Promise<void>}} props */
function AddReply({ run }) {
  const { t } = useApp();
  const [title, setTitle] = useState("");
  const [text, setText] = useState("");
  return html`<${AskForm} card=${false} label=${t("save")} run=${() => run({ title, text })}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`<${Field} name="title" label=${t("replies.title")} value=${title} onInput=${setTitle} maxlength="40" error=${errorOf("title")} />
      <${Field} name="text" label=${t("replies.text")} value=${text} onInput=${setText} rows=${3} maxlength="200" error=${errorOf("text")} />`}<//>`;
}
