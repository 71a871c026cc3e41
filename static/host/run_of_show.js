/** The run of show: the show's products in the order they come, each with Pin, Flash sale, Price and Stock. */

import { html, useState } from "../vendor/preact.js";
import { productOffer } from "../lib/prices/offer.js";
import { useApp, useLoad } from "../views/app.js";
import { Button } from "../views/button.js";
import { Countdown } from "../views/countdown.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { Picture } from "../views/picture.js";
import { PriceTag } from "../views/price_tag.js";
import { Sheet } from "../views/sheet.js";
import { SkeletonLines } from "../views/skeleton.js";
import { StockBar } from "../views/stock_bar.js";
import { FlashSheet } from "./flash_sheet.js";
import { moved } from "./moved.js";
import { ProductSheet } from "./product_sheet.js";
import { lowestPrice } from "./shelf_words.js";

/** @typedef {import("../lib/types.js").Product} Product */
/** @typedef {import("../lib/types.js").Show} Show */
/** @typedef {import("../lib/room/room_state.js").RoomState} RoomState */
/** @typedef {(run: () => Promise<unknown>) => Promise<boolean>} Attempt */

/** @param {{show: Show, state: RoomState, attempt: Attempt, changed: () => void}} props */
export function RunOfShow({ show, state, attempt, changed }) {
  const { t, api, toasts } = useApp();
  const [flash, setFlash] = useState(/** @type {Product | null} */ (null));
  const [edited, setEdited] = useState(/** @type {Product | null} */ (null));
  const [adding, setAdding] = useState(false);
  const [dragged, setDragged] = useState(-1);
  const [over, setOver] = useState(-1);
  const products = state.ready ? state.products : Object.fromEntries(show.products.map((one) => [one.id, one]));
  const order = (state.ready ? state.run_of_show : show.products.map(({ id }) => id)).filter((id) => products[id]);
  /** @param {string[]} next */
  const setOrder = (next) => attempt(async () => {
    await api.put(`/shows/${show.id}/run-of-show`, { products: next }, { key: true });
    changed();
  });
  /** @param {string} id */
  const takeOut = async (id) => {
    const before = order;
    if (await setOrder(order.filter((one) => one !== id))) toasts.show(t("run.taken_out", { product: products[id].title }), { action: { label: t("shop.put_back"), run: () => void setOrder(before) } });
  };
  /** @param {string | null} product */
  const pin = (product) => attempt(() => api.put(`/shows/${show.id}/pin`, { product }, { key: true }));
  /** @param {string} sale */
  const endSale = (sale) => attempt(async () => {
    await api.post(`/shows/${show.id}/sales/${sale}/end`, undefined, { key: true });
    toasts.show(t("flash.ended"));
  });
  return html`<header class="home__bar"><h2>${t("run.title")}</h2>
      <${Button} kind="small" onClick=${() => setAdding(true)}><${Icon} name="plus" />${t("run.add")}<//></header>
    ${!order.length && html`<${EmptyState} icon="list" title=${t("run.empty")}>${t("run.empty_hint")}<//>`}
    <ol class="run">${order.map((id, at) => html`<li key=${id} class=${`run__row ${state.pinned === id ? "run__row--pinned" : ""} ${dragged >= 0 && over === at && over !== dragged ? "run__row--target" : ""} ${dragged === at ? "run__row--dragged" : ""}`} draggable="true"
        onDragStart=${() => setDragged(at)} onDragEnd=${() => { setDragged(-1); setOver(-1); }} onDragEnter=${() => setOver(at)} onDragOver=${(/** @type {Event} */ event) => event.preventDefault()}
        onDrop=${() => dragged >= 0 && dragged !== at && setOrder(moved(order, dragged, at))}>
      <${Row} product=${products[id]} state=${state} pinned=${state.pinned === id} first=${at === 0} last=${at === order.length - 1}
        onPin=${() => pin(state.pinned === id ? null : id)} onFlash=${() => setFlash(products[id])} onEdit=${() => setEdited(products[id])}
        onEndSale=${endSale} onMove=${(/** @type {number} */ by) => setOrder(moved(order, at, at + by))} onRemove=${() => takeOut(id)} />
    </li>`)}</ol>
    ${flash && html`<${FlashSheet} show=${show} product=${flash} attempt=${attempt} onClose=${() => setFlash(null)} />`}
    ${edited && html`<${ProductSheet} shop=${show.shop.id} product=${edited} onClose=${() => setEdited(null)} />`}
    ${adding && html`<${AddSheet} shop=${show.shop.id} chosen=${order} onClose=${() => setAdding(false)} onAdd=${(/** @type {string} */ id) => setOrder([...order, id])} />`}`;
}

/**
 * @param {{product: Product, state: RoomState, pinned: boolean, first: boolean, last: boolean, onPin: () => void, onFlash: () => void,
 *   onEdit: () => void, onEndSale: (sale: string) => void, onMove: (by: number) => void, onRemove: () => void}} props
 */
function Row({ product, state, pinned, first, last, onPin, onFlash, onEdit, onEndSale, onMove, onRemove }) {
  const { t, clock } = useApp();
  const [, redraw] = useState(0);
  const offer = productOffer(product, state, clock.now_ms());
  const { sale } = offer;
  return html`<div class="run__head">
      <span class="run__picture"><${Picture} picture=${product.picture} sizes="64px" /></span>
      <div class="run__text"><b class="cut-2" title=${product.title}>${product.title}</b>
        <${PriceTag} size="small" price_minor=${offer.price_minor} was_minor=${offer.was_minor} currency=${product.currency} flash=${sale?.state === "open"} from=${offer.from} />
        <${StockBar} stock=${offer.stock} /></div>
      <div class="run__moves">
        <${Button} kind="quiet round" label=${t("run.up")} disabled=${first} onClick=${() => onMove(-1)}><${Icon} name="up" /><//>
        <${Button} kind="quiet round" label=${t("run.down")} disabled=${last} onClick=${() => onMove(1)}><${Icon} name="down" /><//>
      </div>
    </div>
    ${sale && html`<p class="run__sale notice notice--accent"><${Icon} name="bolt" /><span class="grow">${t(sale.state === "open" ? "flash.runs" : "flash.starts_in")}${" "}
        <${Countdown} until_ms=${sale.state === "open" ? sale.ends_at_ms : sale.starts_at_ms} icon=${false} onEnd=${() => redraw((count) => count + 1)} /></span>
      <${Button} kind="small" onClick=${() => onEndSale(sale.id)}>${t("flash.end")}<//></p>`}
    <div class="run__tools">
      <${Button} kind=${`small ${pinned ? "accent" : ""}`} aria-pressed=${String(pinned)} onClick=${onPin}><${Icon} name="pin" />${t(pinned ? "run.unpin" : "run.pin")}<//>
      <${Button} kind="small" disabled=${sale !== null} onClick=${onFlash}><${Icon} name="bolt" />${t("run.flash")}<//>
      <${Button} kind="small" onClick=${onEdit}><${Icon} name="tag" />${t("run.price_stock")}<//>
      <${Button} kind="quiet round" label=${t("run.remove")} onClick=${onRemove}><${Icon} name="close" /><//>
    </div>`;
}

/** @param {{shop: string, chosen: string[], onClose: () => void, onAdd: (id: string) => void}} props */
function AddSheet({ shop, chosen, onClose, onAdd }) {
  const { t, api, errorText } = useApp();
  const loaded = useLoad(() => api.get(`/shops/${shop}/products`), [shop]);
  /** @type {Product[]} */
  const free = (loaded.value?.products ?? []).filter((/** @type {Product} */ one) => !chosen.includes(one.id));
  return html`<${Sheet} title=${t("run.add")} onClose=${onClose}>
    ${loaded.error && html`<p class="notice notice--trouble" role="alert"><span class="grow">${errorText(loaded.error)}</span><button type="button" class="link" onClick=${loaded.again}>${t("again")}</button></p>`}
    ${!loaded.value && !loaded.error && html`<${SkeletonLines} label=${t("loading")} />`}
    ${loaded.value && !free.length && html`<${EmptyState} icon="box" title=${t("run.all_in")}><a class="link" href=${`#shop=${shop}`}>${t("run.make_products")}</a><//>`}
    <ul class="rows">${free.map((product) => html`<li key=${product.id}><button type="button" class="line card" onClick=${() => onAdd(product.id)}>
      <span class="line__picture"><${Picture} picture=${product.picture} sizes="56px" /></span>
      <span class="line__main"><b class="cut-2">${product.title}</b><span class="line__state">${product.variants.length > 0 && html`<${PriceTag} size="small" ...${lowestPrice(product)} currency=${product.currency} />`}
        ${product.published === false && html`<span class="badge">${t("home.hidden")}</span>`}</span></span><${Icon} name="plus" /></button></li>`)}</ul>
  <//>`;
}
