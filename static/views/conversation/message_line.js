/** One message: who, when, the words, pictures that open in a sheet, a voice note to play. */

import { html, useState } from "../../vendor/preact.js";
import { formatDay } from "../../lib/clock.js";
import { useApp } from "../app.js";
import { Sheet } from "../sheet.js";
import { VoicePlayer } from "./voice_player.js";

/** @typedef {import("../../lib/types.js").Message} Message */
/** @typedef {import("../../lib/types.js").Attachment} Attachment */

/**
 * @param {{message: Message, mine: boolean, side: "buyer" | "shop", shop: string, buyer: string, seen: boolean, onStale: () => void}} props
 *   onStale: the address of a picture or a voice note is too old
 */
export function MessageLine({ message, mine, side, shop, buyer, seen, onStale }) {
  const { t, i18n, clock } = useApp();
  const [open, setOpen] = useState(/** @type {Attachment | null} */ (null));
  const when = formatDay(message.at_ms, i18n.locale, clock.now_ms());
  if (message.kind !== "said") {
    return html`<li class="message message--event small quiet">${t(`conversation.${message.kind}_by`, { name: side === "buyer" ? shop : message.author })} · ${when}</li>`;
  }
  const name = nameOf();
  const own = mine && side === "buyer";
  const title = own ? t("conversation.picture_own") : t("conversation.picture_of", { name });
  const pictures = message.attachments.filter(({ kind }) => kind === "picture");
  const voice = message.attachments.find(({ kind }) => kind === "voice");
  return html`<li class=${`message ${mine ? "message--mine" : ""}`}>
    <span class="tiny quiet">${name}</span>
    <div class="message__bubble">
      ${message.text && html`<p class="message__text">${message.text}</p>`}
      ${!message.text && !message.attachments.length && html`<p class="quiet">${t("conversation.forgotten")}</p>`}
      ${pictures.length > 0 && html`<div class="message__pictures">${pictures.map((one) => html`<button type="button" class="message__picture" key=${one.id} aria-label=${own ? t("conversation.open_own") : t("conversation.open_picture", { name })} onClick=${() => setOpen(one)}>
        <img src=${one.thumbnail_url} width=${one.width} height=${one.height} alt="" loading="lazy" decoding="async" onError=${onStale} /></button>`)}</div>`}
      ${voice && html`<${VoicePlayer} voice=${voice} onStale=${onStale} />`}
    </div>
    <span class="tiny quiet">${when}${seen && ` · ${t("conversation.seen")}`}</span>
    ${open && html`<${Sheet} title=${title} onClose=${() => setOpen(null)}><img class="message__large" src=${open.url} width=${open.width} height=${open.height} alt=${title} onError=${onStale} /><//>`}</li>`;

  function nameOf() {
    if (side === "buyer") {
      if (mine) return t("conversation.you");
      return message.author ? t("conversation.author", { shop, name: message.author }) : shop;
    }
    return message.author || (mine ? shop : buyer || t("conversation.buyer"));
  }
}
