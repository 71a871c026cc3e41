/** What waits for a moderator, in queues with counts: comments held for review, reports, suspicions, requests to return. */

import { html, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { CommentPicture } from "../views/comment_picture.js";
import { EmptyState } from "../views/empty_state.js";
import { CLOCK } from "./comments_pane.js";
import { QUEUES } from "./queues.js";

/** @typedef {import("./queues.js").Case} Case */
/** @typedef {import("./queues.js").Queue} Queue */

/** Why the server put something here: it says more than one word for a classifier's. @param {import("../lib/words/i18n.js").Translate} t @param {string} why */
function whyWords(t, why) {
  const [kind, detail = ""] = why.split(":");
  const key = `control.why.${kind.split(" ")[0]}`;
  const said = t(key);
  return said === key ? why : `${said}${detail && ` ${detail}`}${kind.includes(" ") ? ` ${kind.split(" ")[1]}` : ""}`;
}

/**
 * @param {{queues: Record<Queue, Case[]>, moderation: import("./moderation.js").Moderation, act: import("./acting.js").Act,
 *   onPerson: (whom: {person: string, name: string}) => void, turn: number}} props turn: counts how often the key for the next queue was pressed
 */
export function QueuesPane({ queues, moderation, act, onPerson, turn }) {
  const { t, i18n } = useApp();
  const [queue, setQueue] = useState(/** @type {Queue} */ ("held"));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const when = new Intl.DateTimeFormat(i18n.locale, CLOCK);
  useLayoutEffect(() => {
    if (!turn) return;
    const at = QUEUES.indexOf(queue);
    const order = [...QUEUES.slice(at + 1), ...QUEUES.slice(0, at + 1)];
    const at_one = list.current?.contains(document.activeElement);
    const next = (!at_one && queues[queue].length ? queue : order.find((one) => queues[one].length)) ?? order[0];
    setQueue(next);
    // Drawn by then, and before the next key can come.
    queueMicrotask(() => /** @type {HTMLElement | null} */ (list.current?.querySelector(".case") ?? document.querySelector(`[data-queue=${next}]`))?.focus());
  }, [turn]);
  /** The case after the one that was dealt with takes the focus. @param {HTMLElement} row */
  const onward = (row) => /** @type {HTMLElement | null} */ (row.nextElementSibling ?? row.previousElementSibling);
  /** @param {HTMLElement} row @param {() => Promise<import("./moderation.js").Done>} run */
  const done = async (row, run) => {
    const next = onward(row);
    if (await act(run)) next?.focus();
  };
  /** @param {KeyboardEvent & {currentTarget: HTMLElement}} event @param {Case} one */
  const press = (event, one) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const row = event.currentTarget;
    /** @type {Record<string, () => unknown>} */
    const keys = {
      j: () => /** @type {HTMLElement | null} */ (row.nextElementSibling)?.focus(), k: () => /** @type {HTMLElement | null} */ (row.previousElementSibling)?.focus(),
      y: () => void done(row, () => yes(one)), x: () => void done(row, () => no(one)), Enter: () => onPerson(one), i: () => onPerson(one),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  };
  /** @param {Case} one what the case asks for: said, taken away, let in again @returns {Promise<import("./moderation.js").Done>} */
  const yes = (one) => {
    if (one.kind === "held" && one.comment) return moderation.approve(one.comment);
    if (one.kind === "report" && one.comment) return moderation.remove(one.comment);
    return one.kind === "unban" ? moderation.unban(one) : moderation.timeout(one, 300);
  };
  /** @param {Case} one @returns {Promise<import("./moderation.js").Done>} */
  const no = (one) => one.kind === "held" && one.comment ? moderation.deny(one.comment) : moderation.dismiss(one.id, one.name);
  return html`<div class="queues">
    <div class="tabs" role="group" aria-label=${t("control.queues")}>${QUEUES.map((one) => html`<button type="button" key=${one} data-queue=${one} class="tabs__one" aria-pressed=${String(one === queue)} onClick=${() => setQueue(one)}>
      ${t(`control.queue.${one}`)} <b class=${queues[one].length ? "tabs__count tabs__count--some" : "tabs__count"}>${queues[one].length}</b></button>`)}</div>
    <div class="cases" ref=${list}>
      ${!queues[queue].length && html`<${EmptyState} icon="check" title=${t(`control.queue_empty.${queue}`)} />`}
      ${queues[queue].map((one) => html`<div class="case" key=${one.id} tabindex="0" role="group" aria-label=${`${one.name}: ${one.words}`} onKeyDown=${(/** @type {KeyboardEvent & {currentTarget: HTMLElement}} */ event) => press(event, one)}>
        <p class="case__head"><button type="button" class="link cut" onClick=${() => onPerson(one)}>${one.name || one.person}</button><time>${one.at_ms ? when.format(one.at_ms) : ""}</time></p>
        ${one.words && html`<p class="case__words"><bdi>${one.words}</bdi></p>`}
        ${one.comment && html`<${CommentPicture} comment=${one.comment} />`}
        ${one.whys.length > 0 && html`<p class="case__why">${one.whys.map((why) => whyWords(t, why)).join(" · ")}</p>`}
        <p class="case__tools"><${Button} kind="small accent" onClick=${(/** @type {{currentTarget: HTMLElement}} */ event) => done(/** @type {HTMLElement} */ (event.currentTarget.closest(".case")), () => yes(one))}>${t(`control.yes.${one.kind}`)}<//>
          <${Button} kind="small" onClick=${(/** @type {{currentTarget: HTMLElement}} */ event) => done(/** @type {HTMLElement} */ (event.currentTarget.closest(".case")), () => no(one))}>${t(`control.no.${one.kind}`)}<//></p>
      </div>`)}
    </div>
    <p class="control__keys">${t("control.queue_keys")}</p>
  </div>`;
}
