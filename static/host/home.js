/** A shop's home for its hosts: shows to go live with, products to sell, and for its owner the shop and its staff. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { useAccent, useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { Picture } from "../views/picture.js";
import { PriceTag } from "../views/price_tag.js";
import { SkeletonLines } from "../views/skeleton.js";
import { stockWords } from "../views/stock_bar.js";
import { FeedSheet } from "./feed_sheet.js";
import { PaymentsSheet } from "./payments_sheet.js";
import { ProductSheet } from "./product_sheet.js";
import { ShopSheet } from "./shop_sheet.js";
import { ShowSheet } from "./show_sheet.js";
import { StockNotice } from "./stock_notice.js";
import { inOrder, lowestPrice, stockOf } from "./shelf_words.js";

/** @typedef {import("../lib/types.js").ShowCard} ShowCard */
/** @typedef {import("../lib/types.js").Product} Product */
/** @typedef {import("../lib/types.js").ShopRole} ShopRole */
/** @typedef {{value: any, error: unknown, again: () => void}} Loaded */

/** @param {{shop: ShopRole, shops: ShopRole[]}} props */
export function Home({ shop, shops }) {
  const { t, api } = useApp();
  const about = useLoad(() => api.get(`/shops/${shop.id}`), [shop.id]);
  const shows = useLoad(() => api.get(`/shops/${shop.id}/shows`), [shop.id]);
  const products = useLoad(() => api.get(`/shops/${shop.id}/products`), [shop.id]);
  const [open, setOpen] = useState(/** @type {"show" | "shop" | "payments" | "product" | "feed" | Product | null} */ (null));
  useAccent(about.value?.accent);
  useEffect(() => {
    const back = () => { shows.again(); products.again(); };
    addEventListener("online", back);
    return () => removeEventListener("online", back);
  }, []);
  const done = () => {
    setOpen(null);
    shows.again();
    products.again();
    about.again();
  };
  return html`<header class="home__head">
      <h1 class=${shops.length > 1 ? "unseen" : ""}>${about.value?.name ?? shop.name}</h1>
      ${shops.length > 1 && html`<select class="input home__shops" aria-label=${t("home.shops")}
        onChange=${(/** @type {{currentTarget: HTMLSelectElement}} */ event) => { location.hash = `shop=${event.currentTarget.value}`; }}>
        ${shops.map((one) => html`<option value=${one.id} selected=${one.id === shop.id}>${one.name}</option>`)}</select>`}
      <span class="home__tools">
        <a class="btn btn--small" href=${`/host/orders#shop=${shop.id}`}><${Icon} name="box" />${t("home.orders")}</a>
        <${Button} kind="small" onClick=${() => setOpen("payments")}><${Icon} name="tag" />${t("home.payments")}<//>
        ${shop.role === "owner" && html`<a class="btn btn--small" href=${`#shop=${shop.id}&page=webhooks`}><${Icon} name="send" />${t("home.webhooks")}</a>
          <${Button} kind="small" onClick=${() => setOpen("shop")}><${Icon} name="shop" />${t("home.shop")}<//>`}
      </span>
    </header>
    <${StockNotice} shop=${shop.id} />
    <div class="home">
      <section class="stack" aria-label=${t("home.shows")}>
        <header class="home__bar"><h2>${t("home.shows")}</h2><${Button} kind="accent small" onClick=${() => setOpen("show")}><${Icon} name="plus" />${t("home.new_show")}<//></header>
        <${ShowList} loaded=${shows} onNew=${() => setOpen("show")} />
      </section>
      <section class="stack" aria-label=${t("home.products")}>
        <header class="home__bar"><h2 class="grow">${t("home.products")}</h2><${Button} kind="small quiet" label=${t("feed.open")} onClick=${() => setOpen("feed")}><${Icon} name="swap" /><span class="home__wide">${t("feed.open")}</span><//><${Button} kind="small" onClick=${() => setOpen("product")}><${Icon} name="plus" />${t("home.new_product")}<//></header>
        <${ProductList} loaded=${products} onNew=${() => setOpen("product")} onOpen=${setOpen} />
      </section>
    </div>
    ${open === "show" && html`<${ShowSheet} shop=${shop.id} onClose=${() => setOpen(null)} onSaved=${(/** @type {ShowCard} */ show) => { location.hash = `show=${show.id}`; }} />`}
    ${open === "shop" && html`<${ShopSheet} shop=${shop.id} onClose=${done} />`}
    ${open === "feed" && html`<${FeedSheet} shop=${shop.id} onClose=${done} />`}
    ${open === "payments" && html`<${PaymentsSheet} shop=${shop.id} onClose=${() => setOpen(null)} />`}
    ${open && (open === "product" || typeof open === "object") && html`<${ProductSheet} shop=${shop.id} product=${open === "product" ? null : open} onClose=${done} />`}`;
}

/** What stands there when a list is not there: its trouble, or its skeleton. @param {{loaded: Loaded}} props */
function NotYet({ loaded }) {
  const { t, errorText } = useApp();
  if (!loaded.error) return html`<div class="card"><${SkeletonLines} label=${t("loading")} /></div>`;
  return html`<div class="card"><${EmptyState} icon="alert" title=${errorText(loaded.error)} action=${html`<${Button} onClick=${loaded.again}>${t("again")}<//>`} /></div>`;
}

/** @param {{loaded: Loaded, onNew: () => void}} props */
function ShowList({ loaded, onNew }) {
  const { t } = useApp();
  if (!loaded.value) return html`<${NotYet} loaded=${loaded} />`;
  /** @type {ShowCard[]} */
  const shows = inOrder(loaded.value.shows);
  if (!shows.length) {
    return html`<div class="card"><${EmptyState} icon="camera" title=${t("home.no_shows")} action=${html`<${Button} kind="accent" onClick=${onNew}>${t("home.first_show")}<//>`}>${t("home.no_shows_hint")}<//></div>`;
  }
  return html`<ul class="rows">${shows.map((show) => html`<${ShowLine} key=${show.id} show=${show} />`)}</ul>`;
}

/** @param {{show: ShowCard}} props */
function ShowLine({ show }) {
  const { t, i18n } = useApp();
  const when = new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium", timeStyle: "short" });
  const at = when.format(show.ended_at_ms ?? show.started_at_ms ?? show.starts_at_ms);
  const late = show.state === "scheduled" && show.starts_at_ms < Date.now();
  const words = show.state === "scheduled" ? t(late ? "home.was_due" : "home.starts", { at }) : t(show.state === "live" ? "home.since" : "home.ended", { at });
  return html`<li><a class=${`line card ${show.state === "live" ? "line--live" : ""}`} href=${`#show=${show.id}`}>
    <span class="line__picture line__picture--tall">${show.poster ? html`<${Picture} picture=${show.poster} sizes="48px" />` : html`<span class="picture"><${Icon} name="camera" /></span>`}</span>
    <span class="line__main"><b class="cut-2">${show.title}</b>
      <span class="line__state"><span class=${`badge ${show.state === "live" ? "badge--live" : ""}`}>${t(`state.${show.state}`)}</span><small class=${late ? "trouble" : ""}>${words}</small></span></span>
    <${Icon} name="arrow" />
  </a></li>`;
}

/** @param {{loaded: Loaded, onNew: () => void, onOpen: (product: Product) => void}} props */
function ProductList({ loaded, onNew, onOpen }) {
  const { t } = useApp();
  if (!loaded.value) return html`<${NotYet} loaded=${loaded} />`;
  /** @type {Product[]} */
  const products = loaded.value.products;
  if (!products.length) return html`<div class="card"><${EmptyState} icon="box" title=${t("home.no_products")} action=${html`<${Button} onClick=${onNew}>${t("home.first_product")}<//>`}>${t("home.no_products_hint")}<//></div>`;
  return html`<ul class="rows">${products.map((product) => html`<${ProductLine} key=${product.id} product=${product} onOpen=${onOpen} />`)}</ul>`;
}

/** @param {{product: Product, onOpen: (product: Product) => void}} props */
function ProductLine({ product, onOpen }) {
  const { t } = useApp();
  const stock = stockOf(product);
  const lowest = lowestPrice(product);
  return html`<li><button type="button" class="line card" onClick=${() => onOpen(product)}>
    <span class="line__picture"><${Picture} picture=${product.picture} sizes="56px" /></span>
    <span class="line__main"><b class="cut-2">${product.title}</b>
      <small>${[t("home.variants", { count: product.variants.length }), stock && stockWords(t, stock, true)].filter(Boolean).join(" · ")}
        ${product.published === false && html` <span class="badge">${t("home.hidden")}</span>`}</small></span>
    ${lowest && html`<${PriceTag} size="small" ...${lowest} currency=${product.currency} />`}
  </button></li>`;
}
