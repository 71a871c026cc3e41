/** The links of a show: the host's own with its QR code, the shop's by name, and what each brought. */

import { html, useState } from "../vendor/preact.js";
import { saveFile } from "../lib/files/download.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { CopyField } from "../views/copy_field.js";
import { Failed } from "../views/empty_state.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { useAttempt } from "../views/use_attempt.js";

/** @typedef {{code: string, url: string, own: boolean, name: string, visits: number, entries: number, orders: number, amount_minor: number | null}} SharedLink as the API says it */
/** @typedef {{links: SharedLink[], links_total: number, currency: string}} Report as the API says it */
/** @typedef {{url: string, code: string, name: string}} Shown the link whose QR code is shown */

/** @param {{show: {id: string, title: string}, mayName: boolean, onClose: () => void}} props mayName: may make links of the shop's own */
export function LinksSheet({ show, mayName, onClose }) {
  const { t, api } = useApp();
  const attempt = useAttempt();
  const path = `/shows/${show.id}/shares`;
  const mine = useLoad(() => api.put(`/shows/${show.id}/share`), [show.id]);
  const loaded = useLoad(() => /** @type {Promise<Report>} */ (api.get(path)), [show.id, mine.value?.code]);
  const [shown, setShown] = useState(/** @type {Shown | null} */ (null));
  const save = () => attempt(async () => saveFile(await api.file(`${path}.csv`), `links-${show.id}.csv`));
  const failed = loaded.error ?? mine.error;
  if (shown) return html`<${QrSheet} shown=${shown} title=${show.title} onBack=${() => setShown(null)} onClose=${onClose} />`;
  return html`<${Sheet} title=${t("links.title")} onClose=${onClose}>
    ${failed && !(loaded.value && mine.value) ? html`<${Failed} error=${failed} onAgain=${() => { mine.again(); loaded.again(); }} />`
      : !loaded.value || !mine.value ? html`<${SkeletonLines} label=${t("loading")} />`
      : html`<div class="stack stack--wide">
        <section class="stack" aria-labelledby="links-mine"><h3 id="links-mine">${t("links.mine")}</h3>
          <${CopyField} label=${t("links.mine")} value=${mine.value.url} />
          <${Button} kind="accent wide" onClick=${() => setShown({ ...mine.value, name: t("links.mine") })}><${Icon} name="qr" />${t("links.show_qr")}<//></section>
        ${mayName && html`<${NameForm} path=${path} onMade=${loaded.again} />`}
        <section class="stack" aria-labelledby="links-all"><div class="row row--spread"><h3 id="links-all">${t("links.all")}</h3>
            <${Button} kind="small" onClick=${save}><${Icon} name="download" />${t("links.csv")}<//></div>
          <${LinkTable} report=${loaded.value} onShow=${setShown} />
          <p class="small quiet">${t("links.how_counted")}</p></section>
      </div>`}
  <//>`;
}

/** @param {{path: string, onMade: () => void}} props */
function NameForm({ path, onMade }) {
  const { t, api, errorText } = useApp();
  const [label, setLabel] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {string | null} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!label.trim()) return setError(t("error.required"));
    setBusy(true);
    setError(null);
    try {
      await api.put(path, { label: label.trim() });
      setLabel("");
      onMade();
    } catch (problem) {
      setError(errorText(problem));
    }
    return setBusy(false);
  };
  return html`<form class="links__new" onSubmit=${submit} novalidate>
    <${Field} name="link-label" label=${t("links.new")} hint=${t("links.new_hint")} value=${label} onInput=${setLabel} error=${error} maxlength="60" autocomplete="off" enterkeyhint="done" />
    <${Button} type="submit" busy=${busy}><${Icon} name="plus" />${t("links.make")}<//></form>`;
}

/** @param {{report: Report, onShow: (link: SharedLink) => void}} props */
function LinkTable({ report, onShow }) {
  const { t, money } = useApp();
  // Who pressed Share and brought nobody is counted in the file alone.
  const links = report.links.filter(({ own, visits, entries, orders }) => own || visits + entries + orders > 0);
  const paid = report.links.some(({ amount_minor }) => amount_minor !== null);
  if (!links.length) return html`<p class="quiet">${t("links.none")}</p>`;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-labelledby="links-all"><table class="table links">
    <thead><tr><th scope="col">${t("links.who")}</th><th scope="col" class="num">${t("share.visits")}</th><th scope="col" class="num">${t("share.entries")}</th><th scope="col" class="num">${t("share.orders")}</th>${paid && html`<th scope="col" class="num">${t("links.amount")}</th>`}<th><span class="unseen">${t("links.show_qr")}</span></th></tr></thead>
    <tbody>${links.map((link) => html`<tr key=${link.code}>
      <th scope="row"><span class="cut">${link.name}</span>${link.own && html`<span class="badge">${t("links.own")}</span>`}</th>
      <td class="num">${link.visits}</td><td class="num">${link.entries}</td><td class="num">${link.orders}</td>${paid && html`<td class="num">${money(link.amount_minor ?? 0, report.currency)}</td>`}
      <td><${Button} kind="quiet round small" label=${t("links.qr_of", { name: link.name })} onClick=${() => onShow(link)}><${Icon} name="qr" /><//></td></tr>`)}</tbody></table></div>
    ${report.links_total > links.length && html`<p class="small quiet">${t("links.more", { count: report.links_total - links.length })}</p>`}`;
}

/** @param {{shown: Shown, title: string, onBack: () => void, onClose: () => void}} props */
function QrSheet({ shown, title, onBack, onClose }) {
  const { t } = useApp();
  return html`<${Sheet} title=${shown.name} onClose=${onClose} back=${onBack}>
    <div class="stack"><img class="qr" src=${`/api/v1/shares/${shown.code}/qr.svg`} alt=${t("links.qr_alt", { title })} width="320" height="320" />
      <${CopyField} label=${t("share.link")} value=${shown.url} /></div><//>`;
}
