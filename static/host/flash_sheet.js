/** A flash sale in two taps: a preset (price, quantity, limit, minutes), and Start; the room counts 3-2-1. */

import { html, useState } from "../vendor/preact.js";
import { parseMoney } from "../lib/prices/money.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { PriceTag } from "../views/price_tag.js";
import { Sheet } from "../views/sheet.js";
import { PRESETS, faults, filled, freeOf } from "./flash_form.js";

const STARTS_IN_S = 3;

/**
 * @param {{show: import("../lib/types.js").Show, product: import("../lib/types.js").Product,
 *   attempt: (run: () => Promise<unknown>) => Promise<boolean>, onClose: () => void}} props
 */
export function FlashSheet({ show, product, attempt, onClose }) {
  const { t, api } = useApp();
  const [chosen, setChosen] = useState(product.variants[0]?.id ?? "");
  const variant = product.variants.find(({ id }) => id === chosen) ?? product.variants[0];
  const free = freeOf(variant);
  const [form, setForm] = useState(() => filled(PRESETS[0], variant, product.currency));
  const [tried, setTried] = useState(false);
  const [preset_name, setPresetName] = useState(/** @type {string} */ (PRESETS[0].name));
  const [pay_first, setPayFirst] = useState(false);
  const [busy, setBusy] = useState(false);
  const price_minor = parseMoney(form.price, product.currency);
  /** @param {"price" | "quantity" | "limit" | "minutes"} name */
  const set = (name) => (/** @type {string} */ value) => {
    setForm({ ...form, [name]: value });
    setPresetName("");
  };
  /** Another variant has another price: what a preset says of it, or what was written by hand. @param {string} id */
  const choose = (id) => {
    const next = product.variants.find((one) => one.id === id);
    const preset = PRESETS.find(({ name }) => name === preset_name);
    setChosen(id);
    if (next && preset) setForm(filled(preset, next, product.currency));
  };
  const wrong = faults(form, free, product.currency);
  /** @param {keyof typeof wrong} name @returns {string | null} said from the first try on */
  const errorOf = (name) => (tried && wrong[name] ? t(wrong[name], { free }) : null);
  /** @param {Event} event */
  const start = async (event) => {
    event.preventDefault();
    if (busy || !free) return undefined;
    setTried(true);
    const first = Object.keys(wrong)[0];
    if (first) return document.getElementById(`field-flash_${first}`)?.focus();
    setBusy(true);
    const body = { variant: variant.id, price_minor, quantity: Number(form.quantity), limit: Number(form.limit), duration_s: Math.round(Number(form.minutes) * 60), starts_in_s: STARTS_IN_S, pay_first };
    const went = await attempt(() => api.post(`/shows/${show.id}/sales`, body, { key: true }));
    setBusy(false);
    if (went) onClose();
    return undefined;
  };
  return html`<${Sheet} title=${t("flash.title", { product: product.title })} onClose=${onClose}
      foot=${html`<${Button} type="submit" form="flash-form" kind="accent wide tall" busy=${busy} disabled=${!free}><${Icon} name="bolt" />${t("flash.start")}<//>`}>
    <form id="flash-form" class="stack" novalidate onSubmit=${start}>
      ${!free && html`<p class="notice notice--trouble" role="alert">${t("flash.no_stock")}</p>`}
      ${product.variants.length > 1 && html`<${Field} name="flash_variant" label=${t("product.variant_title")} value=${chosen} onInput=${choose}
        options=${product.variants.map((one) => ({ value: one.id, label: one.title }))} />`}
      <div class="choices" role="group" aria-label=${t("flash.presets")}>${PRESETS.map((preset) => html`<button type="button" class=${`btn btn--small ${preset.name === preset_name ? "btn--chosen" : ""}`} aria-pressed=${String(preset.name === preset_name)} onClick=${() => { setForm(filled(preset, variant, product.currency)); setPresetName(preset.name); }}>${t(`flash.preset.${preset.name}`)}</button>`)}</div>
      ${!wrong.price && html`<${PriceTag} size="big" flash price_minor=${price_minor} was_minor=${variant.price_minor} currency=${product.currency} />`}
      ${!wrong.price && price_minor !== null && price_minor >= variant.price_minor && html`<p class="notice notice--accent">${t("flash.not_lower")}</p>`}
      <div class="flash__fields">
        <${Field} name="flash_price" label=${t("product.price", { currency: product.currency })} value=${form.price} onInput=${set("price")} error=${errorOf("price")} inputmode="decimal" />
        <${Field} name="flash_quantity" type="number" min="1" max=${free} label=${t("flash.quantity", { free })} value=${form.quantity} onInput=${set("quantity")} error=${errorOf("quantity")} />
        <${Field} name="flash_limit" type="number" min="1" max="99" label=${t("flash.limit")} value=${form.limit} onInput=${set("limit")} error=${errorOf("limit")} />
        <${Field} name="flash_minutes" type="number" min="0.5" step="any" max="1440" label=${t("flash.minutes")} value=${form.minutes} onInput=${set("minutes")} error=${errorOf("minutes")} />
      </div>
      <label class="check"><input type="checkbox" checked=${pay_first} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => setPayFirst(event.currentTarget.checked)} />
        <span class="small">${t("flash.pay_first")}</span></label>
    </form>
  <//>`;
}
