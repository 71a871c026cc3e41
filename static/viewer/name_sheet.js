/** Asks a guest for a name, once, when it is first needed. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Sheet } from "../views/sheet.js";
import { useShow } from "./show_context.js";

const MOST_CHARS = 40;

/**
 * Takes a name: in the room first, which knows whether it is free here.
 * @param {import("../lib/room/room.js").RoomClient} room
 * @param {import("../lib/visitor/session.js").Session} session
 * @param {string} name
 */
export async function takeName(room, session, name) {
  if (room.status === "open") await room.request("name", { name });
  await session.rename(name);
}

/** @param {{onDone: (named: boolean) => void}} props */
export function NameSheet({ onDone }) {
  const { t, session, errorText } = useApp();
  const { room } = useShow();
  const [name, setName] = useState("");
  const [error, setError] = useState(/** @type {string | null} */ (null));
  const [busy, setBusy] = useState(false);
  useEffect(() => document.getElementById("field-room-name")?.focus(), []);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const chosen = name.trim();
    if (!chosen) return setError(t("name.too_short"));
    setBusy(true);
    setError(null);
    try {
      await takeName(room, session, chosen);
      return onDone(true);
    } catch (problem) {
      setError(errorText(problem));
      return setBusy(false);
    }
  };
  return html`<${Sheet} title=${t("name.title")} onClose=${() => onDone(false)} class="sheet--small">
    <form class="stack" onSubmit=${submit} novalidate>
      <p class="quiet">${t("name.why_comment")}</p>
      <${Field} name="room-name" label=${t("name.label")} value=${name} onInput=${setName} error=${error} maxlength=${MOST_CHARS}
        placeholder=${t("name.placeholder")} autocomplete="nickname" enterkeyhint="go" />
      <${Button} kind="accent wide tall" type="submit" busy=${busy}>${t("name.go")}<//>
      <a class="btn btn--quiet btn--wide" href=${`/account#next=${encodeURIComponent(location.pathname)}`}>${t("name.or_sign_in")}</a>
    </form>
  <//>`;
}
