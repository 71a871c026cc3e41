/** The live picture as viewers get it, and what is on screen. */

import { html, useEffect, useRef } from "../vendor/preact.js";
import { productOffer } from "../lib/prices/offer.js";
import { useApp } from "../views/app.js";
import { Countdown } from "../views/countdown.js";
import { EmptyState } from "../views/empty_state.js";
import { Picture } from "../views/picture.js";
import { Player } from "../views/player.js";
import { PriceTag } from "../views/price_tag.js";
import { StockBar } from "../views/stock_bar.js";
import { StreamPane } from "./stream_pane.js";

/** @param {{show: import("../lib/types.js").Show, state: import("../lib/room/room_state.js").RoomState, room: import("../lib/room/room.js").RoomClient}} props */
export function WatchPane({ show, state, room }) {
  const { t, clock } = useApp();
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const player = useRef(/** @type {Player | null} */ (null));
  const over = (state.show?.state ?? show.state) === "ended";
  useEffect(() => {
    if (!box.current) return undefined;
    const made = new Player(box.current, { t, renew: () => room.status === "open" && room.restart(), poster: show.poster?.url_640 ?? null });
    player.current = made;
    const stop = room.on("fact", (fact) => fact.kind === "media_moved" && made.mediaMoved());
    return () => {
      stop();
      made.close();
    };
  }, [room, over]);
  const { url, token } = state.whep ?? {};
  useEffect(() => {
    if (url && token) player.current?.attach(url, token);
  }, [url, token]);
  useEffect(() => player.current?.setHost(state.host), [state.host]);
  const products = state.run_of_show.map((id) => state.products[id]).filter(Boolean);
  return html`<section class="control__pane" aria-label=${t("control.picture")}>
    ${over ? html`<p class="watch watch--over">${t("control.over")}</p>` : html`<div class="watch" ref=${box}></div>`}
    <${StreamPane} show_id=${show.id} host=${state.host} />
    <h2>${t("show.products")}</h2>
    ${!products.length && html`<${EmptyState} icon="box" title=${t("run.empty")} />`}
    <ul class="stocks">${products.map((product) => {
      const offer = productOffer(product, state, clock.now_ms());
      return html`<li key=${product.id} class=${state.pinned === product.id ? "stocks__pinned" : ""}>
        <span class="line__picture"><${Picture} picture=${product.picture} sizes="48px" /></span>
        <span class="line__main"><b class="cut" title=${product.title}>${product.title}</b>${state.pinned === product.id && html`<span><span class="badge badge--accent">${t("run.unpin")}</span></span>`}<${PriceTag} size="small" price_minor=${offer.price_minor} was_minor=${offer.was_minor} currency=${product.currency} flash=${offer.sale?.state === "open"} from=${offer.from} /><${StockBar} stock=${offer.stock} />
          ${offer.sale?.state === "open" && html`<small><${Countdown} until_ms=${offer.sale.ends_at_ms} /></small>`}</span>
      </li>`;
    })}</ul>
  </section>`;
}
