/** One product: texts, variants with prices and stock, pictures. New ones are made first, pictures follow. */

import { html, useState } from "../vendor/preact.js";
import { newKey } from "../lib/ids.js";
import { parseMoney, plainMoney } from "../lib/prices/money.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { stockWords } from "../views/stock_bar.js";
import { useAttempt } from "../views/use_attempt.js";
import { AskForm } from "./ask_form.js";
import { STANDARD, classWord, classesOf } from "./terms_words.js";

/** @typedef {import("../lib/types.js").Product} Product */
/** @typedef {import("../lib/types.js").Variant} Variant */

const MOST_UNITS = 1_000_000;

/** What is no price: the page says it as it says the server's refusals. */
class PriceError extends Error {
  code = "bad_price";

  /** @param {string} currency @param {string} field the control that it was written in */
  constructor(currency, field) {
    super(`Not a price in ${currency}.`);
    this.facts = { field };
  }
}

/** @param {string} text @param {string} currency @param {string} field @returns {number} minor units @throws {PriceError} */
function priceOf(text, currency, field) {
  const minor = parseMoney(text, currency);
  if (minor === null) throw new PriceError(currency, field);
  return minor;
}

/**
 * Which tax a product bears. What is chosen elsewhere than from the shop's table is among the choices.
 * @param {{shop: string, name: string, value: string, onInput: (value: string) => void, error?: string | null}} props
 */
function TaxClass({ shop, name, value, onInput, error = null }) {
  const { t, api } = useApp();
  /** @type {{rates: import("../lib/types.js").TaxRate[]} | null} */
  const table = useLoad(() => api.get(`/shops/${shop}/taxes`), [shop]).value;
  const options = classesOf([value, ...(table?.rates ?? []).map((rate) => rate.tax_class)]).map((one) => ({ value: one, label: classWord(one, t) }));
  return html`<${Field} name=${name} label=${t("product.tax_class")} value=${value} onInput=${onInput} options=${options} error=${error} />`;
}

/** @param {{shop: string, product: Product | null, onClose: () => void}} props */
export function ProductSheet({ shop, product, onClose }) {
  const { t } = useApp();
  const [made, setMade] = useState(product);
  const title = made ? made.title : t("product.new");
  return html`<${Sheet} title=${title} onClose=${onClose}>
    ${made ? html`<${Edit} shop=${shop} id=${made.id} onGone=${onClose} />` : html`<${Create} shop=${shop} onMade=${setMade} />`}
  <//>`;
}

/** @param {{shop: string, onMade: (product: Product) => void}} props */
function Create({ shop, onMade }) {
  const { t, api } = useApp();
  const currency = useLoad(() => api.get(`/shops/${shop}`), [shop]).value?.currency ?? "USD";
  const [title, setTitle] = useState("");
  const [description, setDescription] = useState("");
  const [price, setPrice] = useState("");
  const [stock, setStock] = useState("10");
  const [variant, setVariant] = useState(t("product.one_size"));
  const [tax_class, setTaxClass] = useState(STANDARD);
  const run = async () => {
    const variants = [{ title: variant.trim(), price_minor: priceOf(price, currency, "price"), quantity: Math.max(0, Math.trunc(Number(stock))) }];
    onMade(await api.post(`/shops/${shop}/products`, { title: title.trim(), description: description.trim(), published: true, tax_class, variants }, { key: true }));
  };
  return html`<${AskForm} card=${false} intro=${t("product.new_intro")} label=${t("product.create")} run=${run}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`
      <${Field} name="title" label=${t("product.title")} value=${title} onInput=${setTitle} error=${errorOf("title")} maxlength="120" />
      <${Field} name="description" label=${t("product.description")} value=${description} onInput=${setDescription} error=${errorOf("description")} rows="3" optional maxlength="5000" />
      <${Field} name="variant" label=${t("product.variant_title")} hint=${t("product.variant_hint")} value=${variant} onInput=${setVariant} error=${errorOf("variant")} maxlength="120" />
      <div class="two"><${Field} name="price" label=${t("product.price", { currency })} value=${price} onInput=${setPrice} error=${errorOf("price")} inputmode="decimal" placeholder=${plainMoney(800 * 10 ** Math.max(0, plainMoney(0, currency).length - 4), currency)} />
      <${Field} name="stock" type="number" min="0" max=${MOST_UNITS} label=${t("product.stock")} value=${stock} onInput=${setStock} error=${errorOf("stock")} /></div>
      <${TaxClass} shop=${shop} name="tax_class" value=${tax_class} onInput=${setTaxClass} error=${errorOf("tax_class")} />`}
  <//>`;
}

/** @param {{shop: string, id: string, onGone: () => void}} props */
function Edit({ shop, id, onGone }) {
  const { t, api, errorText, toasts } = useApp();
  const attempt = useAttempt();
  const path = `/shops/${shop}/products/${id}`;
  const [sure, setSure] = useState(false);
  const loaded = useLoad(() => api.get(path), [id]);
  /** @type {Product | null} */
  const product = loaded.value;
  if (!product) return loaded.error ? html`<p class="notice notice--trouble">${errorText(loaded.error)}</p>` : html`<${SkeletonLines} label=${t("loading")} />`;
  /** @param {() => Promise<unknown>} run */
  const change = async (run) => {
    if (!(await attempt(run))) return;
    loaded.again();
    toasts.show(t("saved"));
  };
  const remove = () => attempt(async () => {
    await api.delete(path);
    onGone();
  });
  return html`<div class="stack">
    <${Pictures} product=${product} path=${path} change=${change} />
    <${Texts} key=${product.title} shop=${shop} product=${product} path=${path} change=${change} />
    <h3>${t("product.variants")}</h3>
    ${product.variants.map((variant) => html`<${VariantRow} key=${`${variant.id}/${variant.price_version}/${variant.title}`} product=${product} variant=${variant} path=${path} change=${change} />`)}
    <${NewVariant} product=${product} path=${path} change=${change} />
    <label class="check"><input type="checkbox" checked=${product.published !== false} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => { const published = event.currentTarget.checked; void change(() => api.patch(path, { published })); }} />${t("product.published")}</label>
    ${sure
      ? html`<div class="card card--flat stack stack--tight" role="alert"><p>${t("product.remove_sure")}</p><div class="two">
        <${Button} kind="danger" onClick=${remove}>${t("product.remove")}<//><${Button} onClick=${() => setSure(false)}>${t("cancel")}<//></div></div>`
      : html`<${Button} kind="quiet" onClick=${() => setSure(true)}><${Icon} name="trash" />${t("product.remove")}<//>`}
  </div>`;
}

/** @typedef {{product: Product, path: string, change: (run: () => Promise<unknown>) => Promise<void>}} Part */

/** @param {Part} props */
function Pictures({ product, path, change }) {
  const { t, api } = useApp();
  const [busy, setBusy] = useState(false);
  /** @param {Event} event */
  const upload = async (event) => {
    const input = /** @type {HTMLInputElement} */ (event.currentTarget);
    const files = [...(input.files ?? [])];
    input.value = "";
    if (!files.length || busy) return;
    setBusy(true);
    await change(async () => {
      for (const file of files) await api.post(`${path}/pictures`, file, { headers: { "Content-Type": file.type || "application/octet-stream" } });
    });
    setBusy(false);
  };
  return html`<div class="pictures">
    ${product.pictures.map((picture) => html`<figure key=${picture.id}><img src=${picture.url_320} alt=${picture.alt || product.title} />
      <${Button} kind="glass round small" label=${t("product.remove_picture")} onClick=${() => change(() => api.delete(`${path}/pictures/${picture.id}`))}><${Icon} name="close" /><//></figure>`)}
    <label class="pictures__add btn" aria-busy=${busy ? "true" : null}><${Icon} name="picture" />${t("product.add_picture")}
      <input class="unseen" type="file" multiple accept="image/jpeg,image/png,image/webp,image/gif,image/avif" onChange=${upload} /></label>
  </div>`;
}

/** @param {Part & {shop: string}} props */
function Texts({ shop, product, path, change }) {
  const { t, api } = useApp();
  const [title, setTitle] = useState(product.title);
  const [description, setDescription] = useState(product.description);
  const kept = product.tax_class ?? STANDARD;
  const [tax_class, setTaxClass] = useState(kept);
  const save = () => change(() => api.patch(path, { title: title.trim(), description: description.trim(), tax_class }));
  return html`<${AskForm} card=${false} start=${false} class="stack stack--tight" kind="small" label=${t("save")} run=${save}
      idle=${title === product.title && description === product.description && tax_class === kept}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`
      <${Field} name="edit_title" label=${t("product.title")} value=${title} onInput=${setTitle} error=${errorOf("edit_title")} maxlength="120" />
      <${Field} name="edit_description" label=${t("product.description")} value=${description} onInput=${setDescription} rows="3" optional maxlength="5000" />
      <${TaxClass} shop=${shop} name="edit_tax_class" value=${tax_class} onInput=${setTaxClass} error=${errorOf("edit_tax_class")} />`}
  <//>`;
}

/** @param {Part & {variant: Variant}} props */
function VariantRow({ product, variant, path, change }) {
  const { t, api } = useApp();
  const [title, setTitle] = useState(variant.title);
  const [price, setPrice] = useState(plainMoney(variant.price_minor, product.currency));
  const [units, setUnits] = useState("10");
  const one = `${path}/variants/${variant.id}`;
  const [title_field, price_field] = [`title_${variant.id}`, `price_${variant.id}`];
  const quantity = Number(units);
  const fits = Number.isInteger(quantity) && quantity >= 1 && quantity <= MOST_UNITS;
  const save = () => {
    const price_minor = priceOf(price, product.currency, price_field);
    return change(() => api.patch(one, { title: title.trim(), price_minor }));
  };
  return html`<section class="card stack stack--tight" aria-label=${variant.title || product.title}>
    <${AskForm} card=${false} start=${false} class="variant" kind="small" label=${t("save")} run=${save}
        idle=${title === variant.title && price === plainMoney(variant.price_minor, product.currency)}>
      ${(/** @type {(name: string) => string | null} */ errorOf) => html`
        <${Field} name=${title_field} label=${t("product.variant_title")} value=${title} onInput=${setTitle} error=${errorOf(title_field)} maxlength="120" />
        <${Field} name=${price_field} label=${t("product.price", { currency: product.currency })} value=${price} onInput=${setPrice} error=${errorOf(price_field)} inputmode="decimal" />`}
    <//>
    <div class="variant variant--units">
      <span class="variant__stock">${variant.stock ? `${stockWords(t, variant.stock)} · ${t("product.sold", { count: variant.stock.sold })}` : t("product.no_stock")}</span>
      <${Field} name=${`units_${variant.id}`} type="number" min="1" max=${MOST_UNITS} label=${t("product.units")} value=${units} onInput=${setUnits}
        error=${fits ? null : t("form.between", { min: 1, max: MOST_UNITS })} />
      <${Button} kind="small" disabled=${!fits} onClick=${() => change(() => api.post(`${one}/restock`, { quantity, key: newKey() }))}>${t("product.restock")}<//>
      <${Button} kind="small" disabled=${!fits} onClick=${() => change(() => api.post(`${one}/withdraw`, { quantity, key: newKey() }))}>${t("product.withdraw")}<//>
    </div>
  </section>`;
}

/** @param {Part} props */
function NewVariant({ product, path, change }) {
  const { t, api } = useApp();
  const [title, setTitle] = useState("");
  const [price, setPrice] = useState("");
  const [units, setUnits] = useState("10");
  const add = () => {
    const price_minor = priceOf(price, product.currency, "new_price");
    return change(async () => {
      await api.post(`${path}/variants`, { title: title.trim(), price_minor, quantity: Number(units) }, { key: true });
      setTitle("");
      setPrice("");
      setUnits("10");
    });
  };
  return html`<${AskForm} start=${false} class="variant variant--new card--flat" kind="small" name=${t("product.add_variant")} run=${add}
      label=${html`<${Icon} name="plus" />${t("product.add_variant")}`}>
    ${(/** @type {(name: string) => string | null} */ errorOf) => html`
      <h4 class="variant__stock">${t("product.another")}</h4>
      <${Field} name="new_variant" label=${t("product.variant_title")} value=${title} onInput=${setTitle} error=${errorOf("new_variant")} maxlength="120" />
      <${Field} name="new_price" label=${t("product.price", { currency: product.currency })} value=${price} onInput=${setPrice} error=${errorOf("new_price")} inputmode="decimal" />
      <${Field} name="new_units" type="number" min="0" max=${MOST_UNITS} label=${t("product.units")} value=${units} onInput=${setUnits} error=${errorOf("new_units")} />`}
  <//>`;
}
