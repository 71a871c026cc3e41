/** The shop's rules for its rooms: words that are blocked or held, hosts whose links pass, what else the server does by itself. */

import { html, useState } from "../vendor/preact.js";
import { AskForm } from "../host/ask_form.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { Switch } from "./modes_sheet.js";

/** @typedef {{text: string, kind: string, effect: string, public: boolean}} Term */
/** @typedef {{version: number, policy: Record<string, any>}} Rules */

const KINDS = Object.freeze(["exact", "wildcard", "re2"]);
const EFFECTS = Object.freeze(["block", "hold", "allow"]);

/** @param {{shop: string, onClose: () => void}} props */
export function RulesSheet({ shop, onClose }) {
  const { t, api, errorText } = useApp();
  const loaded = useLoad(() => api.get(`/shops/${shop}/room-policy`), [shop]);
  return html`<${Sheet} title=${t("control.rules")} onClose=${onClose}>
    ${loaded.error && html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>`}
    ${loaded.value ? html`<${RulesForm} key=${loaded.value.version} shop=${shop} rules=${loaded.value} onClose=${onClose} />` : !loaded.error && html`<${SkeletonLines} label=${t("loading")} />`}<//>`;
}

/** @param {{shop: string, rules: Rules, onClose: () => void}} props */
function RulesForm({ shop, rules, onClose }) {
  const { t, api, toasts } = useApp();
  const [terms, setTerms] = useState(/** @type {Term[]} */ (rules.policy.terms ?? []));
  const [hosts, setHosts] = useState((rules.policy.hosts ?? []).join("\n"));
  const [suspects, setSuspects] = useState(rules.policy.suspects ?? "flag");
  const [pictures, setPictures] = useState(rules.policy.pictures ?? "off");
  const [reports, setReports] = useState(String(rules.policy.reports_hold ?? 0));
  const [strikes, setStrikes] = useState(Boolean(rules.policy.strikes?.on));
  const [shield, setShield] = useState(Boolean(rules.policy.auto_shield));
  const run = async () => {
    const policy = {
      ...rules.policy, terms, suspects, pictures, reports_hold: Number(reports), auto_shield: shield,
      hosts: hosts.split(/\s+/).filter(Boolean), strikes: { ...rules.policy.strikes, on: strikes },
    };
    await api.put(`/shops/${shop}/room-policy`, { version: rules.version, policy });
    toasts.show(t("saved"));
    onClose();
  };
  return html`<${TermList} terms=${terms} onChange=${setTerms} />
    <${AskForm} card=${false} start=${false} label=${t("save")} run=${run}>
      <${Field} name="hosts" label=${t("rooms.hosts")} hint=${t("rooms.hosts_hint")} rows=${3} optional=${true} value=${hosts} onInput=${setHosts} />
      <${Field} name="suspects" label=${t("rooms.suspects")} value=${suspects} onInput=${setSuspects} options=${["ignore", "flag", "hold"].map((value) => ({ value, label: t(`rooms.suspects.${value}`) }))} />
      <${Field} name="pictures" label=${t("rooms.pictures")} hint=${t("rooms.pictures_hint")} value=${pictures} onInput=${setPictures} options=${["off", "buyers", "followers", "all"].map((value) => ({ value, label: t(`rooms.pictures.${value}`) }))} />
      <${Field} name="reports_hold" label=${t("rooms.reports_hold")} hint=${t("rooms.reports_hint")} type="number" min="0" max="1000" step="1" inputmode="numeric" value=${reports} onInput=${setReports} />
      <div class="checks"><${Switch} name="strikes" label=${t("rooms.strikes")} on=${strikes} onChange=${setStrikes} />
        <${Switch} name="auto_shield" label=${t("rooms.auto_shield")} on=${shield} onChange=${setShield} /></div>
    <//>`;
}

/** @param {{terms: Term[], onChange: (terms: Term[]) => void}} props */
function TermList({ terms, onChange }) {
  const { t } = useApp();
  const [text, setText] = useState("");
  const [kind, setKind] = useState("exact");
  const [effect, setEffect] = useState("block");
  /** @param {Event} event */
  const add = (event) => {
    event.preventDefault();
    const said = text.trim();
    if (!said || terms.some((one) => one.text === said && one.kind === kind)) return;
    onChange([...terms, { text: said, kind, effect, public: false }]);
    setText("");
  };
  /** @param {string[]} values @param {string} value @param {(value: string) => void} set @param {string} words */
  const choice = (values, value, set, words) => html`<select class="input" aria-label=${t(words)} value=${value} onChange=${(/** @type {{currentTarget: HTMLSelectElement}} */ event) => set(event.currentTarget.value)}>
    ${values.map((one) => html`<option value=${one} selected=${one === value}>${t(`${words}.${one}`)}</option>`)}</select>`;
  return html`<section class="terms" aria-label=${t("rooms.terms")}>
    <h3>${t("rooms.terms")}</h3><p class="field__hint">${t("rooms.terms_hint")}</p>
    <ul class="terms__list">${terms.map((one, at) => html`<li key=${`${one.kind} ${one.text}`}><code class="cut" title=${one.text}>${one.text}</code><small>${t(`rooms.kind.${one.kind}`)} · ${t(`rooms.effect.${one.effect}`)}</small>
      <${Button} kind="quiet round" label=${t("rooms.remove", { term: one.text })} onClick=${() => onChange(terms.filter((_, other) => other !== at))}><${Icon} name="close" /><//></li>`)}</ul>
    <form class="terms__add" onSubmit=${add}><input class="input" name="term" aria-label=${t("rooms.term")} placeholder=${t("rooms.term")} maxlength="200" value=${text} onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => setText(event.currentTarget.value)} />
      ${choice([...KINDS], kind, setKind, "rooms.kind")}${choice([...EFFECTS], effect, setEffect, "rooms.effect")}
      <${Button} type="submit" kind="small">${t("rooms.add")}<//></form>
  </section>`;
}
