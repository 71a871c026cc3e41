/** Choosing units of an order's lines. */

import { html } from "../vendor/preact.js";
import { Stepper } from "../views/stepper.js";

/** @typedef {import("../lib/types.js").AfterSale} AfterSale */

/** @param {{after: AfterSale, only: (line: import("../lib/types.js").LineAfter) => number, chosen: Record<number, number>, onChosen: (chosen: Record<number, number>) => void}} props only: how many of a line can be chosen */
export function ChooseUnits({ after, only, chosen, onChosen }) {
  return html`<ul class="stack">${after.lines.filter((line) => only(line) > 0).map((line) => html`<li class="row row--spread after-choose" key=${line.position}>
    <span class="grow"><b class="cut-2">${after.order.lines[line.position].title}</b><span class="small quiet">${after.order.lines[line.position].variant_title}</span></span>
    <${Stepper} value=${chosen[line.position] ?? 0} least=${0} most=${only(line)} label=${after.order.lines[line.position].title} onChange=${(/** @type {number} */ count) => onChosen({ ...chosen, [line.position]: count })} /></li>`)}</ul>`;
}
