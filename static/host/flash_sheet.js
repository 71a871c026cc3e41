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
  const [busy, setBusy] = useState(false);
  const price_minor = parseMoney(form.price, product.currency);
  /** @param {"price" | "quantity" | "limit" | "minutes"} name */
  const set = (name) => (/** @type {string} */ value) => setForm({ ...form, [name]: value });
  const start = async () => {
    if (price_minor === null) return toasts.trouble(t("flash.bad_price"));
    setBusy(true);
    const body = { variant: variant.id, price_minor, quantity: Number(form.quantity), limit: Number(form.limit), duration_s: Math.round(Number(form.minutes) * 60), starts_in_s: STARTS_IN_S };
    const went = await attempt(() => api.post(`/shows/${show.id}/sales`, body, { key: true }));
    setBusy(false);
    if (went) onClose();
    return undefined;
  };
  return html`<${Sheet} title=${t("flash.title", { product: product.title })} onClose=${onClose}
      foot=${html`<${Button} kind="accent wide tall" busy=${busy} onClick=${start}><${Icon} name="bolt" />${t("flash.start")}<//>`}>
    <div class="stack">
      ${product.variants.length > 1 && html`<${Field} name="flash_variant" label=${t("product.variant_title")} value=${chosen} onInput=${setChosen}
        options=${product.variants.map((one) => ({ value: one.id, label: one.title }))} />`}
      <div class="choices" role="group" aria-label=${t("flash.presets")}>${PRESETS.map((preset) => html`<button type="button" class="btn btn--small" onClick=${() => setForm(fill(preset))}>${t(`flash.preset.${preset.name}`)}</button>`)}</div>
      ${price_minor !== null && html`<${PriceTag} size="big" flash price_minor=${price_minor} was_minor=${variant.price_minor} currency=${product.currency} />`}
      <div class="flash__fields">
        <${Field} name="flash_price" label=${t("product.price", { currency: product.currency })} value=${form.price} onInput=${set("price")} inputmode="decimal" />
        <${Field} name="flash_quantity" type="number" min="1" max=${free} label=${t("flash.quantity", { free })} value=${form.quantity} onInput=${set("quantity")} />
        <${Field} name="flash_limit" type="number" min="1" max="99" label=${t("flash.limit")} value=${form.limit} onInput=${set("limit")} />
        <${Field} name="flash_minutes" type="number" min="1" max="1440" label=${t("flash.minutes")} value=${form.minutes} onInput=${set("minutes")} />
      </div>
    </div>
  <//>`;
}
