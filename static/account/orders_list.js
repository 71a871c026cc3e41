/** Everything this person has ordered, newest first. */

import { html, useEffect, useState } from "../vendor/preact.js";
import { formatDay } from "../lib/clock.js";
import { useApp, useLoad, usePerson } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState, Failed } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { Picture } from "../views/picture.js";
import { SkeletonLines } from "../views/skeleton.js";
import { OrderBadge } from "../views/order_badge.js";
import { useAttempt } from "../views/use_attempt.js";

/** @typedef {import("../lib/types.js").Order} Order */

/** No props. */
export function Orders() {
  const { t, api } = useApp();
  const attempt = useAttempt();
  const person = usePerson();
  const first = useLoad(async () => (person ? api.get("/orders") : { orders: [], next: null }), [person?.id]);
  const [more, setMore] = useState(/** @type {{orders: Order[], next: string | null} | null} */ (null));
  useEffect(() => setMore(null), [first.value]);
  const orders = [...(first.value?.orders ?? []), ...(more?.orders ?? [])];
  const next = more ? more.next : first.value?.next ?? null;
  const load = () => attempt(async () => {
    const page = await api.get(`/orders?cursor=${encodeURIComponent(next ?? "")}`);
    setMore({ orders: [...(more?.orders ?? []), ...page.orders], next: page.next ?? null });
  });
  return html`<div class="stack stack--wide"><div class="stack stack--tight">
      ${person?.kind === "account" && html`<a class="account__back" href="#"><${Icon} name="back" />${t("nav.account")}</a>`}
      <h1>${t("orders.title")}</h1></div>${body()}</div>`;

  function body() {
    if (first.error) return html`<${Failed} error=${first.error} onAgain=${first.again} />`;
    if (!first.value) return html`<${SkeletonLines} lines=${6} label=${t("loading")} />`;
    if (!orders.length) {
      return html`<${EmptyState} icon="box" title=${t("orders.empty")}
        action=${html`<a class="btn btn--accent" href="/">${t("show.to_lobby")}</a>${person?.kind !== "account" && html`<a class="btn btn--quiet" href=${`#next=${encodeURIComponent("/account#orders")}`}>${t("name.or_sign_in")}</a>`}`}>
        ${t("orders.empty_next")}<//>`;
    }
    return html`<ul class="stack">${orders.map((order) => html`<${OrderCard} key=${order.id} order=${order} unread=${first.value?.unread?.[order.id] ?? 0} />`)}</ul>
      ${next && html`<${Button} kind="wide" onClick=${load}>${t("orders.more")}<//>`}`;
  }
}

/** @param {{order: Order, unread: number}} props */
function OrderCard({ order, unread }) {
  const { t, i18n, money, clock } = useApp();
  const [line] = order.lines;
  const others = order.lines.length - 1;
  return html`<li><a class="card order-card" href=${`/orders/${order.id}`}>
    <span class="order-card__picture"><${Picture} picture=${line?.picture} sizes="64px" /></span>
    <span class="order-card__words"><b class="cut-2">${line ? `${line.quantity} × ${line.title}` : order.number}${others > 0 && html` <span class="quiet">+${others}</span>`}</b>
      <span class="small quiet row row--wrap"><span class="cut">${order.shop.name}</span>${unread > 0 && html`<span class="badge badge--accent"><${Icon} name="chat" />${t("conversation.new", { count: unread })}</span>`}</span>
      <span class="tiny quiet order-card__when">${formatDay(order.created_at_ms, i18n.locale, clock.now_ms())} · <span class="figures">${order.number}</span></span>
      <span class="order-card__side"><b class="figures">${money(order.total_minor, order.currency)}</b><${OrderBadge} state=${order.state} /></span></span>
  </a></li>`;
}
