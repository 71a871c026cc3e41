/** Products in and out as files: choose, see what it would do, import with a bar that moves; and two exports. */

import { saveFile } from "../lib/files/download.js";
import { html, useEffect, useState } from "../vendor/preact.js";
import { Polling } from "../lib/server/polling.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { useAttempt, useBusy } from "../views/use_attempt.js";
import { byKind, isAtWork, remarkText, shareDone } from "./feed_facts.js";

/** @typedef {import("./feed_facts.js").Import} Import */
/** @typedef {import("./feed_facts.js").Remark} Remark */

const LOOK_AGAIN_MS = 1_000;
const FAULTS_SHOWN = 200;
const TYPES = ".csv,.tsv,.txt,.xml,.rss,text/csv,text/tab-separated-values,text/xml,application/xml,application/rss+xml";

/** @param {{shop: string, onClose: () => void}} props */
export function FeedSheet({ shop, onClose }) {
  const { t, api } = useApp();
  const attempt = useAttempt();
  const path = `/shops/${shop}/imports`;
  const [found, setFound] = useState(/** @type {Import | null} */ (null));
  const [reading, setReading] = useState("");
  const [starting, setStarting] = useState(false);
  // One that was started before, perhaps elsewhere, is shown again while it is at work.
  const asked = useLoad(async () => {
    const { imports } = await api.get(path);
    const working = imports.find(isAtWork);
    if (working) setFound(await api.get(`${path}/${working.id}`));
    return true;
  }, [shop]);
  const step = found ? (found.progress.state === "checked" ? "report" : "progress") : "choose";
  /** @param {() => Promise<Import>} run */
  const ask = (run) => attempt(async () => setFound(await run()));
  /** @param {File} file */
  const check = async (file) => {
    setReading(file.name);
    await ask(() => api.post(`${path}?name=${encodeURIComponent(file.name.slice(0, 200))}`, file, { key: true, headers: { "Content-Type": "application/octet-stream" } }));
    setReading("");
  };
  const start = async () => {
    setStarting(true);
    await ask(() => api.post(`${path}/${found?.progress.id}/start`));
    setStarting(false);
  };
  const report = found?.report;
  const count = report ? report.made + report.changed : 0;
  const other = () => setFound(null);
  const foot = step === "report"
    ? html`<div class="feed__foot"><${Button} onClick=${other}>${t("feed.other")}<//>
        <${Button} kind="accent wide" busy=${starting} disabled=${!count} onClick=${start}>${count ? t("feed.start", { count }) : t("feed.nothing")}<//></div>`
    : step === "progress" && found?.progress.state === "done"
      ? html`<div class="feed__foot"><${Button} onClick=${other}>${t("feed.other")}<//><${Button} kind="accent wide" onClick=${onClose}>${t("feed.ready")}<//></div>`
      : null;
  return html`<${Sheet} title=${t("feed.title")} onClose=${onClose} foot=${foot}>
    ${step === "choose" && (reading || !(asked.value || asked.error)
      ? html`<div class="stack" role="status"><p>${reading ? t("feed.checking", { name: reading }) : t("loading")}</p><${SkeletonLines} label=${t("loading")} /></div>`
      : html`<${Choose} shop=${shop} onFile=${check} />`)}
    ${step === "report" && found && html`<${ReportPane} found=${found} />`}
    ${step === "progress" && found && html`<${ProgressPane} path=${path} found=${found} onFound=${setFound} />`}
  <//>`;
}

/** @param {{shop: string, onFile: (file: File) => void}} props */
function Choose({ shop, onFile }) {
  const { t } = useApp();
  const [over, setOver] = useState(false);
  /** @param {FileList | null | undefined} files */
  const take = (files) => { if (files?.[0]) onFile(files[0]); };
  /** @param {DragEvent} event @param {boolean} inside */
  const drag = (event, inside) => { event.preventDefault(); setOver(inside); };
  return html`<div class="stack stack--wide">
    <section class="stack" aria-label=${t("feed.import")}>
      <h3>${t("feed.import")}</h3>
      <p class="ask__intro">${t("feed.intro")}</p>
      <label class=${`feed__drop ${over ? "feed__drop--over" : ""}`} onDragOver=${(/** @type {DragEvent} */ event) => drag(event, true)} onDragLeave=${(/** @type {DragEvent} */ event) => drag(event, false)}
          onDrop=${(/** @type {DragEvent} */ event) => { drag(event, false); take(event.dataTransfer?.files); }}>
        <${Icon} name="upload" /><span>${t("feed.choose")}</span>
        <input class="unseen" type="file" accept=${TYPES} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => take(event.currentTarget.files)} />
      </label>
    </section>
    <${Exports} shop=${shop} />
  </div>`;
}

/** @param {{shop: string}} props */
function Exports({ shop }) {
  const { t, api } = useApp();
  const { busy, run } = useBusy();
  /** @param {string} kind @param {string} name */
  const download = (kind, name) => run(kind, async () => saveFile(await api.file(`/shops/${shop}/exports/${kind}`), name));
  return html`<section class="stack" aria-label=${t("feed.export")}>
    <h3>${t("feed.export")}</h3>
    <p class="ask__intro">${t("feed.export_intro")}</p>
    <div class="feed__exports">
      <${Button} busy=${busy === "shopify"} onClick=${() => download("shopify", "products.csv")}><${Icon} name="download" />${t("feed.export.shopify")}<//>
      <${Button} busy=${busy === "google"} onClick=${() => download("google", "products.xml")}><${Icon} name="download" />${t("feed.export.google")}<//>
    </div>
  </section>`;
}

/** @param {{found: Import}} props */
function ReportPane({ found: { report, progress } }) {
  const { t } = useApp();
  return html`<div class="stack stack--wide">
    <header><h3 class="feed__name">${progress.file_name}</h3>
      <p class="quiet">${t("feed.rows", { count: report.rows, format: t(`feed.format.${report.format}`) })}</p></header>
    <${Counts} label=${t("feed.would")} made=${report.made} changed=${report.changed} kept=${report.kept} bad_rows=${report.bad_rows} />
    <${Faults} faults=${report.faults} total=${report.faults_total} />
    <${Notes} notes=${report.notes} />
    ${report.ignored_columns.length > 0 && html`<p class="quiet feed__ignored">${t("feed.ignored", { columns: report.ignored_columns.join(", ") })}</p>`}
  </div>`;
}

/** @param {{label: string, made: number, changed: number, kept: number, bad_rows: number}} props */
function Counts({ label, ...counts }) {
  const { t, i18n } = useApp();
  return html`<dl class="feed__counts" aria-label=${label}>${/** @type {const} */ (["made", "changed", "kept", "bad_rows"]).map((name) => html`<div class=${name === "bad_rows" && counts[name] ? "trouble" : ""}>
    <dt>${t(`feed.${name}`)}</dt><dd class="figure">${counts[name].toLocaleString(i18n.locale)}</dd></div>`)}</dl>`;
}

/** @param {{faults: Remark[], total: number}} props */
function Faults({ faults, total }) {
  const { t, i18n } = useApp();
  if (!faults.length) return null;
  const rest = total - Math.min(faults.length, FAULTS_SHOWN);
  return html`<section class="stack stack--tight" aria-label=${t("feed.faults")}>
    <h3>${t("feed.faults")}</h3>
    <p class="ask__intro">${t("feed.faults_next")}</p>
    <div class="table-scroll feed__faults" tabindex="0" role="group" aria-label=${t("feed.faults")}><table class="table">
      <thead><tr><th class="num">${t("feed.line")}</th><th>${t("feed.column")}</th><th>${t("feed.fault")}</th></tr></thead>
      <tbody>${faults.slice(0, FAULTS_SHOWN).map((fault) => html`<tr>
        <td class="num">${fault.line}</td><td>${fault.column}</td><td title=${fault.sentence}>${remarkText(i18n, fault)}</td></tr>`)}</tbody>
    </table></div>
    ${rest > 0 && html`<p class="quiet">${t("feed.more", { count: rest })}</p>`}
  </section>`;
}

/** @param {{notes: Remark[]}} props */
function Notes({ notes }) {
  const { t, i18n } = useApp();
  if (!notes.length) return null;
  return html`<section class="stack stack--tight" aria-label=${t("feed.notes")}>
    <h3>${t("feed.notes")}</h3>
    <ul class="feed__notes">${byKind(notes).map(({ first, count, lines }) => html`<li class="notice">
      <span>${remarkText(i18n, first)} <small class="quiet">${t("feed.lines", { count, lines })}</small></span></li>`)}</ul>
  </section>`;
}

/** @param {{path: string, found: Import, onFound: (found: Import) => void}} props */
function ProgressPane({ path, found, onFound }) {
  const { t, api } = useApp();
  const { progress, later } = found;
  const working = isAtWork(progress);
  useEffect(() => {
    const look = async () => {
      const now = await api.get(`${path}/${progress.id}/progress`);
      onFound(isAtWork(now) ? { ...found, progress: now } : await api.get(`${path}/${progress.id}`));
    };
    // A question that fails is asked again a moment later.
    const polling = new Polling(() => look().catch(() => {}), LOOK_AGAIN_MS);
    polling.want(working);
    return () => polling.want(false);
  }, [progress.id, working]);
  const rows = t("feed.running", { done: progress.rows_done + progress.rows_failed, total: progress.rows_total });
  return html`<div class="stack stack--wide">
    <h3 class="feed__name">${progress.file_name}</h3>
    ${working
      ? html`<div class="stack stack--tight">
          <progress class="feed__bar" max="1" value=${shareDone(progress)} aria-label=${rows}></progress>
          <p class="figure" role="status">${progress.state === "pictures" ? t("feed.pictures", { count: progress.pictures_left }) : rows}</p>
          <p class="quiet">${t("feed.running_next")}</p></div>`
      : html`<p class="notice notice--won" role="status"><${Icon} name="check" /><b>${t("feed.done")}</b></p>`}
    <${Counts} label=${t("feed.done")} made=${progress.made} changed=${progress.changed} kept=${progress.kept} bad_rows=${progress.rows_failed} />
    <${Faults} faults=${later} total=${later.length} />
  </div>`;
}
