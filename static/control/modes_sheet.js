/** Who may say what in this room for now; the shop's rules hold where nothing is set. */

import { html, useState } from "../vendor/preact.js";
import { AskForm } from "../host/ask_form.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";

/** @typedef {{followers_only_minutes: number | null, account_age_minutes: number, newcomers_minutes: number, buyers_only: boolean, emote_only: boolean, unique: boolean, links: string}} Modes */

/** @type {Modes} */
export const OPEN = Object.freeze({ followers_only_minutes: null, account_age_minutes: 0, newcomers_minutes: 0, buyers_only: false, emote_only: false, unique: false, links: "on" });
const SWITCHES = Object.freeze(/** @type {const} */ (["buyers_only", "emote_only", "unique"]));

/** @param {Partial<Modes> | null | undefined} modes @returns {string[]} the names of those that close something */
export function closed(modes) {
  const all = { ...OPEN, ...modes };
  return Object.keys(OPEN).filter((name) => all[/** @type {keyof Modes} */ (name)] !== OPEN[/** @type {keyof Modes} */ (name)]);
}

/** @param {{name: string, label: string, on: boolean, onChange: (on: boolean) => void}} props */
export function Switch({ name, label, on, onChange }) {
  return html`<label class="check"><input type="checkbox" name=${name} checked=${on} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => onChange(event.currentTarget.checked)} /><span>${label}</span></label>`;
}

/** @typedef {{show_id: string, board: Record<string, any>, moderation: import("./moderation.js").Moderation, act: import("./acting.js").Act, onClose: () => void}} Props */

/** @param {Props} props */
export function ModesSheet(props) {
  const { t, api, errorText } = useApp();
  const loaded = useLoad(() => api.get(`/shows/${props.show_id}/room-policy`), [props.show_id]);
  return html`<${Sheet} title=${t("control.modes")} onClose=${props.onClose}>
    ${loaded.error && html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>`}
    ${loaded.value ? html`<${ModesForm} ...${props} usual=${loaded.value.policy.modes ?? {}} />` : !loaded.error && html`<${SkeletonLines} label=${t("loading")} />`}<//>`;
}

/** @param {Props & {usual: Partial<Modes>}} props usual: the shop's own */
function ModesForm({ board, usual, moderation, act, onClose }) {
  const { t } = useApp();
  const [modes, setModes] = useState(/** @type {Modes} */ ({ ...OPEN, ...usual, ...board.modes }));
  /** @param {Partial<Modes>} more */
  const change = (more) => setModes({ ...modes, ...more });
  const run = async () => {
    if (await act(() => moderation.modes({ ...modes }))) onClose();
  };
  const back = async () => {
    if (await act(() => moderation.modes(null))) onClose();
  };
  const followers = modes.followers_only_minutes === null ? "" : String(modes.followers_only_minutes);
  const minutes = (/** @type {"account_age_minutes" | "newcomers_minutes"} */ name) => html`<${Field} name=${name} label=${t(`modes.${name}`)} hint=${t("modes.minutes_hint")} type="number" min="0" max="527040" step="1" inputmode="numeric"
    value=${String(modes[name])} onInput=${(/** @type {string} */ value) => change({ [name]: Number(value) })} />`;
  return html`<${AskForm} card=${false} label=${t("modes.set")} run=${run}>
      <${Field} name="followers" label=${t("modes.followers_only_minutes")} value=${followers} options=${["", "0", "10", "60", "1440", "10080"].map((value) => ({ value, label: t(`modes.followers.${value || "off"}`) }))}
        optional=${true} onInput=${(/** @type {string} */ value) => change({ followers_only_minutes: value === "" ? null : Number(value) })} />
      ${minutes("account_age_minutes")}${minutes("newcomers_minutes")}
      <fieldset class="checks"><legend class="field__label">${t("modes.more")}</legend>${SWITCHES.map((name) => html`<${Switch} key=${name} name=${name} label=${t(`modes.${name}`)} on=${modes[name]} onChange=${(/** @type {boolean} */ on) => change({ [name]: on })} />`)}</fieldset>
      <${Field} name="links" label=${t("modes.links")} value=${modes.links} options=${["on", "approved", "off"].map((value) => ({ value, label: t(`modes.links.${value}`) }))} onInput=${(/** @type {string} */ value) => change({ links: value })} />
    <//>
    ${board.modes && html`<${Button} kind="wide" onClick=${back}>${t("modes.usual")}<//>`}`;
}
