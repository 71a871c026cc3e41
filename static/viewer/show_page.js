/** The show: stage, talk and shelf, and the sheets over them. */

import { html, useCallback, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { useAccent, useApp, useLoad, usePerson } from "../views/app.js";
import { PictureSheet } from "../views/comment_picture.js";
import { FollowSheet } from "../views/follow_sheet.js";
import { AboutSheet } from "./about_sheet.js";
import { BagSheet } from "./buying/bag_sheet.js";
import { BuySheet } from "./buying/buy_sheet.js";
import { Counter } from "./buying/counter.js";
import { useOrderNews } from "./buying/order_news.js";
import { useBuyer } from "./buying/use_buyer.js";
import { useOfferNews } from "./buying/waiting.js";
import { BOX_ID } from "./composer.js";
import { Connection } from "./connection.js";
import { QuestionsSheet } from "./questions_sheet.js";
import { ReportSheet, UnbanSheet } from "./tell_sheets.js";
import { NameSheet } from "./name_sheet.js";
import { ShareSheet } from "./share_sheet.js";
import { ProductsSheet, Shelf } from "./shelf.js";
import { ShowContext, useShow } from "./show_context.js";
import { Stage } from "./stage.js";
import { SupportersSheet } from "./supporters_sheet.js";
import { Talk } from "./talk.js";
import { useFollow } from "./use_follow.js";
import { useTranslations } from "./use_translations.js";
import { useMedia, useRoom, useSaleTimes } from "./use_room.js";

const WIDE = "(min-width: 1000px)";

/** @param {{show: import("../lib/types.js").Show, opened_order: string | null, opened_product: string | null}} props what the address opens at once */
export function ShowPage({ show, opened_order, opened_product }) {
  const { api } = useApp();
  const { room, state: live, status } = useRoom(show.id);
  const state = useMemo(() => (live.ready ? live : beforeHello(live, show)), [live, show]);
  const shop = useLoad(() => api.get(`/shops/${show.shop.id}`), [show.shop.id]);
  const buyer = useBuyer(show.shop.id, live.ready);
  const counter = useMemo(() => new Counter(api, room, show), [room]);
  const wide = useMedia(WIDE);
  const follow = useFollow(show.shop.id);
  const translations = useTranslations(room, state);
  const [sheet, setSheet] = useState(/** @type {import("./show_context.js").Sheet | null} */ (opened_order ? { kind: "order", order: opened_order } : null));
  const [nameAsked, askName, nameAnswered] = useNameQuestion();
  const [replying, answer] = useReply(state.comments);
  useSaleTimes(state.sales);
  useAccent(show.shop.accent);
  useOrderNews(room, sheet, setSheet);
  useOfferNews(state, sheet, setSheet);
  useOpenedProduct(opened_order ? null : opened_product, live, setSheet);
  /** @type {import("./show_context.js").ShowShared} */
  const shared = {
    show, state, room, counter, buyer, follow, translations, wide, openSheet: setSheet, askName, replying, answer,
    shop: shop.value ?? { id: show.shop.id, name: show.shop.name, legal_name: "", legal_address: "", contact_email: "" },
    phase: state.show?.state ?? show.state,
  };
  return html`<${ShowContext.Provider} value=${shared}>
    <div class=${`show show--${wide ? "wide" : "narrow"} show--${shared.phase}`}>
      ${wide && html`<${Shelf} key="shelf" />`}
      <${Stage} key="stage" status=${status} />
      ${wide && html`<${Talk} key="talk" />`}
      <${Connection} status=${status} reason=${room.reason} onRetry=${() => room.wake()} onAskBack=${() => setSheet({ kind: "unban" })} />
    </div>
    <${OpenSheet} sheet=${sheet} />
    ${(sheet?.kind === "follow" || sheet?.kind === "remind") && html`<${FollowSheet} shop=${show.shop} show=${sheet.kind === "remind" ? show.id : null} onClose=${() => setSheet(null)} />`}
    ${nameAsked && html`<${NameSheet} onDone=${nameAnswered} />`}
  <//>`;
}

/** @param {{sheet: import("./show_context.js").Sheet | null}} props */
function OpenSheet({ sheet }) {
  switch (sheet?.kind) {
    case "products": return html`<${ProductsSheet} />`;
    case "bag": return html`<${BagSheet} />`;
    case "questions": return html`<${QuestionsSheet} />`;
    case "about": return html`<${AboutSheet} />`;
    case "supporters": return html`<${SupportersSheet} />`;
    case "share": return html`<${ShareSheet} product_id=${sheet.product} chosen=${sheet.chosen} />`;
    case "buy": return html`<${BuySheet} key=${`buy ${sheet.product}`} product_id=${sheet.product} look=${sheet.look} />`;
    case "pay": return html`<${BuySheet} key=${`pay ${sheet.reservations.join()}`} reservations=${sheet.reservations} />`;
    case "order": return html`<${BuySheet} key=${`order ${sheet.order}`} order_id=${sheet.order} />`;
    case "picture": return html`<${ShownPicture} comment=${sheet.comment} />`;
    case "report": return html`<${ReportSheet} comment=${sheet.comment} />`;
    case "unban": return html`<${UnbanSheet} />`;
    default: return null;
  }
}

/**
 * Opens the product that a link named, once the room has said what it sells; nothing is held by that.
 * @param {string | null} product
 * @param {import("../lib/room/room_state.js").RoomState} live
 * @param {(sheet: import("./show_context.js").Sheet) => void} openSheet
 */
function useOpenedProduct(product, live, openSheet) {
  useEffect(() => {
    if (product !== null && live.ready && live.run_of_show.includes(product) && live.products[product]) openSheet({ kind: "buy", product, look: true });
  }, [live.ready]);
}

/** A comment's picture, as long as the comment is there. @param {{comment: import("../lib/types.js").Comment}} props */
function ShownPicture({ comment }) {
  const { state, openSheet } = useShow();
  const stands = state.comments.some(({ id }) => id === comment.id);
  useEffect(() => {
    if (!stands) openSheet(null);
  }, [stands]);
  return stands ? html`<${PictureSheet} comment=${comment} onClose=${() => openSheet(null)} />` : null;
}

/**
 * What is known of the room before its first word: the show as the API told it.
 * @param {import("../lib/room/room_state.js").RoomState} empty
 * @param {import("../lib/types.js").Show} show
 * @returns {import("../lib/room/room_state.js").RoomState}
 */
function beforeHello(empty, show) {
  const products = show.products ?? [];
  const sales = show.sales ?? [];
  return {
    ...empty,
    show,
    products: Object.fromEntries(products.map((product) => [product.id, product])),
    run_of_show: products.map(({ id }) => id),
    sales: Object.fromEntries(sales.map((sale) => [sale.id, sale])),
    pinned: show.pinned_product ?? show.pinned?.id ?? null,
    viewers: show.viewers ?? 0,
    host: show.state === "live" ? (show.host_present ? "live" : "away") : "off",
  };
}

/**
 * What the next comment answers; a comment that was deleted is answered no more.
 * @param {import("../lib/types.js").Comment[]} comments
 * @returns {[import("../lib/types.js").Comment | null, (comment: import("../lib/types.js").Comment | null) => void]}
 */
function useReply(comments) {
  const [replying, setReplying] = useState(/** @type {import("../lib/types.js").Comment | null} */ (null));
  const begin = useCallback((/** @type {import("../lib/types.js").Comment | null} */ comment) => {
    setReplying(comment);
    if (comment) requestAnimationFrame(() => document.getElementById(BOX_ID)?.focus({ preventScroll: true }));
  }, []);
  const alive = replying !== null && comments.some(({ id }) => id === replying.id);
  return [alive ? replying : null, begin];
}

/**
 * Asks for a name at a guest's first comment; a promise waits for the answer.
 * @returns {[boolean, () => Promise<boolean>, (done: boolean) => void]}
 */
function useNameQuestion() {
  const { session } = useApp();
  usePerson();
  const [asked, setAsked] = useState(false);
  const answer = useRef(/** @type {((done: boolean) => void) | null} */ (null));
  const ask = useCallback(() => {
    if (session.named) return Promise.resolve(true);
    setAsked(true);
    return /** @type {Promise<boolean>} */ (new Promise((resolve) => {
      answer.current = resolve;
    }));
  }, [session]);
  const done = useCallback((/** @type {boolean} */ named) => {
    setAsked(false);
    answer.current?.(named);
  }, []);
  useEffect(() => () => answer.current?.(false), []);
  return [asked, ask, done];
}
