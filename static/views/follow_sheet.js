/** Asks who wants to follow for an e-mail address; the mailed link follows. */

import { html, useState } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { Button } from "./button.js";
import { EmptyState } from "./empty_state.js";
import { Field } from "./field.js";
import { Sheet } from "./sheet.js";

/** @param {{shop: {id: string, name: string}, show?: string | null, onClose: () => void}} props show: it is about this one alone */
export function FollowSheet({ shop, show = null, onClose }) {
  const { t, api, session, errorText } = useApp();
  const [email, setEmail] = useState("");
  const [sent, setSent] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {string | null} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!email.trim()) return setError(t("error.required"));
    setBusy(true);
    setError(null);
    try {
      await session.resumeOrGuest(t("name.guest", { number: String(1000 + Math.floor(Math.random() * 9000)) }));
      await api.post(show ? `/shows/${show}/reminder/by-mail` : `/shops/${shop.id}/follow/by-mail`, { email: email.trim() });
      setSent(true);
    } catch (problem) {
      const { code } = /** @type {{code?: string}} */ (problem);
      setError(code === "invalid" ? t("error.invalid_field") : errorText(problem));
    }
    return setBusy(false);
  };
  return html`<${Sheet} title=${show ? t("remind.notify") : t("follow.sheet", { shop: shop.name })} onClose=${onClose} class="sheet--small">
    ${sent ? html`<${EmptyState} icon="mail" title=${t("follow.sent")}>${t(show ? "remind.sent_next" : "follow.sent_next", { email: email.trim(), shop: shop.name })}<//>`
      : html`<form class="stack" onSubmit=${submit} novalidate>
        <p class="quiet">${t(show ? "remind.sheet_next" : "follow.sheet_next", { shop: shop.name })}</p>
        <${Field} name="follow-email" type="email" label=${t("follow.email")} value=${email} onInput=${setEmail} error=${error} autocomplete="email" inputmode="email" enterkeyhint="send" />
        <${Button} kind="accent wide tall" type="submit" busy=${busy}>${t("follow.send")}<//>
        <a class="btn btn--quiet btn--wide" href=${`/account#next=${encodeURIComponent(location.pathname)}`}>${t("follow.or_sign_in")}</a>
      </form>`}
  <//>`;
}
