/** Share the show: one's own short link, by the phone's own sheet where it has one, and what came of it. */

import { html, useState } from "../vendor/preact.js";
import { linkTo } from "../lib/visitor/via.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { CopyField } from "../views/copy_field.js";
import { Failed } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { useShow } from "./show_context.js";

/** @typedef {{code: string, url: string, visits: number, entries: number, orders: number}} MyShare as the API says it */

/** @param {{product_id: string | null, chosen: boolean}} props product_id: what is on the screen or was looked at; chosen: it is what is meant */
export function ShareSheet({ product_id, chosen }) {
  const { t, api } = useApp();
  const { show, state, openSheet } = useShow();
  const [one, setOne] = useState(chosen);
  const product = product_id !== null && state.run_of_show.includes(product_id) ? state.products[product_id] ?? null : null;
  const what = one && product ? product : null;
  const loaded = useLoad(() => /** @type {Promise<MyShare>} */ (api.put(`/shows/${show.id}/share`)), [show.id]);
  return html`<${Sheet} title=${t("share.title")} clear=${true} onClose=${() => openSheet(null)} class="sheet--small">
    ${loaded.value ? html`<div class="stack">${product && html`<${Which} product=${product} one=${one} onChoose=${setOne} />`}
      <${Mine} share=${loaded.value} url=${linkTo(loaded.value.url, what?.id ?? null)} title=${`${(what ?? show).title} · ${show.shop.name}`} /></div>`
      : loaded.error ? html`<${Failed} error=${loaded.error} onAgain=${loaded.again} />` : html`<${SkeletonLines} label=${t("loading")} />`}
  <//>`;
}

/** The show, or the one product. @param {{product: import("../lib/types.js").Product, one: boolean, onChoose: (one: boolean) => void}} props */
function Which({ product, one, onChoose }) {
  const { t } = useApp();
  const choice = (/** @type {boolean} */ value, /** @type {string} */ words, /** @type {string} */ name) => html`<label class="choice">
    <input type="radio" name="shared" value=${name} checked=${one === value} onChange=${() => onChoose(value)} /><span class="choice__face"><span class="cut-2">${words}</span></span></label>`;
  return html`<fieldset><legend class="unseen">${t("share.which")}</legend><div class="choices">${choice(false, t("share.whole_show"), "show")}${choice(true, t("share.this_product", { product: product.title }), "product")}</div></fieldset>`;
}

/** @param {{share: MyShare, url: string, title: string}} props */
function Mine({ share, url, title }) {
  const { t } = useApp();
  const sheet = "share" in navigator;
  const send = () => navigator.share({ title, url }).catch(() => {}); // thought better of it
  return html`<div class="stack">
    <p class="quiet">${t("share.what")}</p>
    ${sheet && html`<${Button} kind="accent wide tall" onClick=${send}><${Icon} name="share" />${t("share.send")}<//>`}
    <${CopyField} label=${t("share.link")} value=${url} kind=${sheet ? "" : "accent"} />
    ${share.visits + share.entries + share.orders > 0
      ? html`<dl class="tally figures"><div><dt>${t("share.visits")}</dt><dd>${share.visits}</dd></div><div><dt>${t("share.entries")}</dt><dd>${share.entries}</dd></div><div><dt>${t("share.orders")}</dt><dd>${share.orders}</dd></div></dl>`
      : html`<p class="small quiet">${t("share.nobody_yet")}</p>`}
  </div>`;
}
