/** Who supports a show most, as the room's board says: the list, and the mark beside a name. */

import { html } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { Avatar } from "./avatar.js";
import { EmptyState } from "./empty_state.js";

const MARKED = 3;

/** @typedef {{person: string, name: string, units: number, brought: number}} Supporter */

/** @param {Record<string, any>} board @returns {Supporter[]} who does most first; none where the shop shows no list */
export function supportersOf(board) {
  return Array.isArray(board.supporters) ? board.supporters : [];
}

/** @param {Record<string, any>} board @returns {Map<string, number>} the places of the first three */
export function placesOf(board) {
  return new Map(supportersOf(board).slice(0, MARKED).map(({ person }, at) => [person, at + 1]));
}

/** @param {{place: number | undefined}} props undefined: none of the first three */
export function Medal({ place }) {
  const { t } = useApp();
  if (!place) return null;
  return html`<span class=${`medal medal--${place}`} role="img" aria-label=${t("supporters.place", { place })} title=${t("supporters.place", { place })}>${place}</span>`;
}

/** @param {{board: Record<string, any>, me?: string}} props me: who reads */
export function SupporterList({ board, me = "" }) {
  const { t } = useApp();
  const all = supportersOf(board);
  if (!all.length) return html`<${EmptyState} icon="trophy" title=${t("supporters.none")}>${t("supporters.none_next")}<//>`;
  return html`<div class="stack"><ol class="stack stack--tight supporters">${all.map((one, at) => html`<li key=${one.person} class="row supporters__one">
      ${at < MARKED ? html`<${Medal} place=${at + 1} />` : html`<span class="medal">${at + 1}</span>`}
      <${Avatar} name=${one.name} />
      <span class="grow supporters__who"><b class="cut">${one.name}</b>
        <small class="quiet">${[one.units > 0 && t("supporters.bought", { count: one.units }), one.brought > 0 && t("supporters.brought", { count: one.brought }), !one.units && !one.brought && t("supporters.invited")].filter(Boolean).join(" · ")}</small></span>
      ${one.person === me && html`<span class="badge">${t("supporters.you")}</span>`}</li>`)}</ol>
    <p class="small quiet">${t("supporters.how")}</p></div>`;
}
