/** A flash sale in two taps: a preset (price, quantity, limit, minutes), and Start; the room counts 3-2-1. */

import { html, useState } from "../vendor/preact.js";
import { parseMoney, plainMoney } from "../lib/money.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { PriceTag } from "../views/price_tag.js";
import { Sheet } from "../views/sheet.js";

const STARTS_IN_S = 3;
/** Share of the price, share of the stock, limit, minutes. */
const PRESETS = /** @type {const} */ ([
  { name: "quick", price: 0.8, stock: 0.5, limit: 1, minutes: 2 },
  { name: "half", price: 0.5, stock: 0.2, limit: 1, minutes: 5 },
  { name: "long", price: 0.9, stock: 1, limit: 3, minutes: 15 },
]);

/**
 * @param {{show: import("../lib/types.js").Show, product: import("../lib/types.js").Product,
 *   attempt: (run: () => Promise<unknown>) => Promise<boolean>, onClose: () => void}} props
 */
export function FlashSheet({ show, product, attempt, onClose }) {
  const { t, api, toasts } = useApp();
  const [chosen, setChosen] = useState(product.variants[0]?.id ?? "");
  const variant = product.variants.find(({ id }) => id === chosen) ?? product.variants[0];
  const free = variant?.stock?.available ?? 10;
  /** @param {typeof PRESETS[number]} preset */
  const fill = (preset) => ({
    price: plainMoney(Math.max(1, Math.round(variant.price_minor * preset.price)), product.currency),
    quantity: String(Math.max(1, Math.floor(free * preset.stock))), limit: String(preset.limit), minutes: String(preset.minutes),
  });
  const [form, setForm] = useState(() => fill(PRESETS[0]));
  const [preset_name, setPresetName] = useState(/** @type {string} */ (PRESETS[0].name));
  const [busy, setBusy] = useState(false);
  const price_minor = parseMoney(form.price, product.currency);
  /** @param {"price" | "quantity" | "limit" | "minutes"} name */
  const set = (name) => (/** @type {string} */ value) => {
    setForm({ ...form, [name]: value });
    setPresetName("");
  };
  /** @param {string} id */
  const choose = (id) => {
    setChosen(id);
    setPresetName("");
  };
  /** What is wrong with the form, as a key, or "". */
  const wrong = () => {
    if (price_minor === null || price_minor < 1) return "flash.bad_price";
    const [quantity, limit, minutes] = [form.quantity, form.limit, form.minutes].map(Number);
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > free) return free ? "flash.bad_quantity" : "flash.no_stock";
    if (!Number.isInteger(limit) || limit < 1 || limit > 99) return "flash.bad_limit";
    return minutes >= 0.5 && minutes <= 1440 ? "" : "flash.bad_minutes";
  };
  const start = async () => {
    const key = wrong();
    if (key) return toasts.trouble(t(key, { free }));
    setBusy(true);
    const body = { variant: variant.id, price_minor, quantity: Number(form.quantity), limit: Number(form.limit), duration_s: Math.round(Number(form.minutes) * 60), starts_in_s: STARTS_IN_S };
    const went = await attempt(() => api.post(`/shows/${show.id}/sales`, body, { key: true }));
    setBusy(false);
    if (went) onClose();
    return undefined;
  };
  return html`<${Sheet} title=${t("flash.title", { product: product.title })} onClose=${onClose}
      foot=${html`<${Button} kind="accent wide tall" busy=${busy} disabled=${!free} onClick=${start}><${Icon} name="bolt" />${t("flash.start")}<//>`}>
    <div class="stack">
      ${!free && html`<p class="notice notice--trouble" role="alert">${t("flash.no_stock")}</p>`}
      ${product.variants.length > 1 && html`<${Field} name="flash_variant" label=${t("product.variant_title")} value=${chosen} onInput=${choose}
        options=${product.variants.map((one) => ({ value: one.id, label: one.title }))} />`}
      <div class="choices" role="group" aria-label=${t("flash.presets")}>${PRESETS.map((preset) => html`<button type="button" class=${`btn btn--small ${preset.name === preset_name ? "btn--chosen" : ""}`} aria-pressed=${String(preset.name === preset_name)} onClick=${() => { setForm(fill(preset)); setPresetName(preset.name); }}>${t(`flash.preset.${preset.name}`)}</button>`)}</div>
      ${price_minor !== null && html`<${PriceTag} size="big" flash price_minor=${price_minor} was_minor=${variant.price_minor} currency=${product.currency} />`}
      ${price_minor !== null && price_minor >= variant.price_minor && html`<p class="notice notice--accent">${t("flash.not_lower")}</p>`}
      <div class="flash__fields">
        <${Field} name="flash_price" label=${t("product.price", { currency: product.currency })} value=${form.price} onInput=${set("price")} inputmode="decimal" />
        <${Field} name="flash_quantity" type="number" min="1" max=${free} label=${t("flash.quantity", { free })} value=${form.quantity} onInput=${set("quantity")} />
        <${Field} name="flash_limit" type="number" min="1" max="99" label=${t("flash.limit")} value=${form.limit} onInput=${set("limit")} />
        <${Field} name="flash_minutes" type="number" min="0.5" step="any" max="1440" label=${t("flash.minutes")} value=${form.minutes} onInput=${set("minutes")} />
      </div>
    </div>
  <//>`;
}
