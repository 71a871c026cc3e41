/** A shop's home for its hosts: shows to go live with, products to sell. */

import { html, useState } from "../vendor/preact.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { Picture } from "../views/picture.js";
import { PriceTag } from "../views/price_tag.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { AskForm } from "./gate.js";
import { ProductSheet } from "./product_sheet.js";

/** @typedef {import("../lib/types.js").ShowCard} ShowCard */
/** @typedef {import("../lib/types.js").Product} Product */

const HOUR_MS = 3_600_000;

/** @param {{shop: import("../lib/types.js").ShopRole, shops: import("../lib/types.js").ShopRole[]}} props */
export function Home({ shop, shops }) {
  const { t, api } = useApp();
  const shows = useLoad(() => api.get(`/shops/${shop.id}/shows`), [shop.id]);
  const products = useLoad(() => api.get(`/shops/${shop.id}/products`), [shop.id]);
  const [open, setOpen] = useState(/** @type {"show" | "product" | Product | null} */ (null));
  const done = () => {
    setOpen(null);
    shows.again();
    products.again();
  };
  return html`<header class="home__head">
      <h1>${shop.name}</h1>
      ${shops.length > 1 && html`<nav class="segments" aria-label=${t("home.shops")}>${shops.map((one) => html`<button type="button"
        aria-pressed=${String(one.id === shop.id)} onClick=${() => { location.hash = `shop=${one.id}`; }}>${one.name}</button>`)}</nav>`}
    </header>
    <div class="home">
      <section class="stack" aria-label=${t("home.shows")}>
        <header class="home__bar"><h2>${t("home.shows")}</h2><${Button} kind="accent small" onClick=${() => setOpen("show")}><${Icon} name="plus" />${t("home.new_show")}<//></header>
        <${ShowList} loaded=${shows} />
      </section>
      <section class="stack" aria-label=${t("home.products")}>
        <header class="home__bar"><h2>${t("home.products")}</h2><${Button} kind="small" onClick=${() => setOpen("product")}><${Icon} name="plus" />${t("home.new_product")}<//></header>
        <${ProductList} loaded=${products} onOpen=${setOpen} />
      </section>
    </div>
    ${open === "show" && html`<${NewShow} shop=${shop} onClose=${() => setOpen(null)} />`}
    ${open && open !== "show" && html`<${ProductSheet} shop=${shop.id} product=${open === "product" ? null : open} onClose=${done} />`}`;
}

/** @param {{loaded: {value: any, error: unknown, again: () => void}}} props */
function ShowList({ loaded }) {
  const { t, errorText, i18n } = useApp();
  if (loaded.error) return html`<${EmptyState} icon="alert" title=${errorText(loaded.error)} action=${html`<${Button} onClick=${loaded.again}>${t("again")}<//>`} />`;
  if (!loaded.value) return html`<${SkeletonLines} label=${t("loading")} />`;
  /** @type {ShowCard[]} */
  const shows = loaded.value.shows;
  if (!shows.length) return html`<${EmptyState} icon="camera" title=${t("home.no_shows")}>${t("home.no_shows_hint")}<//>`;
  const order = { live: 0, scheduled: 1, ended: 2 };
  const sorted = [...shows].sort((a, b) => order[a.state] - order[b.state] || a.starts_at_ms - b.starts_at_ms);
  const when = new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium", timeStyle: "short" });
  return html`<ul class="rows">${sorted.map((show) => html`<li key=${show.id}><a class="row card" href=${`#show=${show.id}`}>
    <span class=${`badge ${show.state === "live" ? "badge--live" : ""}`}>${t(`state.${show.state}`)}</span>
    <span class="row__main"><b class="cut">${show.title}</b><small>${when.format(show.starts_at_ms)}</small></span>
    <${Icon} name="arrow" />
  </a></li>`)}</ul>`;
}

/** @param {{loaded: {value: any, error: unknown, again: () => void}, onOpen: (product: Product) => void}} props */
function ProductList({ loaded, onOpen }) {
  const { t, errorText } = useApp();
  if (loaded.error) return html`<${EmptyState} icon="alert" title=${errorText(loaded.error)} action=${html`<${Button} onClick=${loaded.again}>${t("again")}<//>`} />`;
  if (!loaded.value) return html`<${SkeletonLines} label=${t("loading")} />`;
  /** @type {Product[]} */
  const products = loaded.value.products;
  if (!products.length) return html`<${EmptyState} icon="box" title=${t("home.no_products")}>${t("home.no_products_hint")}<//>`;
  return html`<ul class="rows">${products.map((product) => html`<li key=${product.id}><button type="button" class="row card" onClick=${() => onOpen(product)}>
    <span class="row__picture"><${Picture} picture=${product.picture} sizes="56px" /></span>
    <span class="row__main"><b class="cut">${product.title}</b><small>${t("home.variants", { count: product.variants.length })}${product.published === false ? ` · ${t("home.hidden")}` : ""}</small></span>
    ${product.variants[0] && html`<${PriceTag} size="small" price_minor=${product.variants[0].price_minor} currency=${product.currency} />`}
  </button></li>`)}</ul>`;
}

/** @param {number} ms @returns {string} for an input of type datetime-local */
function localTime(ms) {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
}

/** @param {{shop: import("../lib/types.js").ShopRole, onClose: () => void}} props */
function NewShow({ shop, onClose }) {
  const { t, api } = useApp();
  const [title, setTitle] = useState("");
  const [description, setDescription] = useState("");
  const [starts, setStarts] = useState(localTime(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS));
  const run = async () => {
    const starts_at_ms = new Date(starts).getTime();
    const show = await api.post(`/shops/${shop.id}/shows`, { title: title.trim(), description: description.trim(), starts_at_ms }, { key: true });
    onClose();
    location.hash = `show=${show.id}`;
  };
  return html`<${Sheet} title=${t("home.new_show")} onClose=${onClose}>
    <${AskForm} title=${t("show.new_title")} intro=${t("show.new_intro")} label=${t("show.create")} run=${run}>
      <${Field} name="title" label=${t("show.title")} value=${title} onInput=${setTitle} maxlength="120" />
      <${Field} name="description" label=${t("show.description")} value=${description} onInput=${setDescription} rows="3" optional maxlength="2000" />
      <${Field} name="starts" type="datetime-local" label=${t("show.starts")} value=${starts} onInput=${setStarts} />
    <//>
  <//>`;
}
