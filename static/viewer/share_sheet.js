/** Share the show: one's own short link, by the phone's own sheet where it has one, and what came of it. */

import { html } from "../vendor/preact.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { CopyField } from "../views/copy_field.js";
import { Failed } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { useShow } from "./show_context.js";

/** @typedef {{code: string, url: string, visits: number, entries: number, orders: number}} MyShare as the API says it */

/** No props. */
export function ShareSheet() {
  const { t, api } = useApp();
  const { show, openSheet } = useShow();
  const loaded = useLoad(() => /** @type {Promise<MyShare>} */ (api.put(`/shows/${show.id}/share`)), [show.id]);
  return html`<${Sheet} title=${t("share.title")} clear=${true} onClose=${() => openSheet(null)} class="sheet--small">
    ${loaded.value ? html`<${Mine} share=${loaded.value} title=${`${show.title} · ${show.shop.name}`} />`
      : loaded.error ? html`<${Failed} error=${loaded.error} onAgain=${loaded.again} />` : html`<${SkeletonLines} label=${t("loading")} />`}
  <//>`;
}

/** @param {{share: MyShare, title: string}} props */
function Mine({ share, title }) {
  const { t } = useApp();
  const sheet = "share" in navigator;
  const send = () => navigator.share({ title, url: share.url }).catch(() => {}); // thought better of it
  return html`<div class="stack">
    <p class="quiet">${t("share.what")}</p>
    ${sheet && html`<${Button} kind="accent wide tall" onClick=${send}><${Icon} name="share" />${t("share.send")}<//>`}
    <${CopyField} label=${t("share.link")} value=${share.url} kind=${sheet ? "" : "accent"} />
    ${share.visits + share.entries + share.orders > 0
      ? html`<dl class="tally figures"><div><dt>${t("share.visits")}</dt><dd>${share.visits}</dd></div><div><dt>${t("share.entries")}</dt><dd>${share.entries}</dd></div><div><dt>${t("share.orders")}</dt><dd>${share.orders}</dd></div></dl>`
      : html`<p class="small quiet">${t("share.nobody_yet")}</p>`}
  </div>`;
}
