/** What buyer and shop say to each other about an order: read, written, followed while somebody looks. */

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { ConversationFeed } from "../../lib/server/conversation_feed.js";
import { useApp } from "../app.js";
import { Button } from "../button.js";
import { SkeletonLines } from "../skeleton.js";
import { useBusy } from "../use_attempt.js";
import { Composer } from "./composer.js";
import { MessageLine } from "./message_line.js";

/** @typedef {import("../../lib/types.js").Conversation} Value */

const LOOK_MS = 800;
/** So near its end a list is read at its end. */
const NEAR_END_PX = 48;

/**
 * Follows an order's conversation while the page is looked at.
 * @param {string} path of the order's doors
 * @param {string} query
 * @returns {ConversationFeed}
 */
export function useConversation(path, query) {
  const { api } = useApp();
  const [, redraw] = useState(0);
  const feed = useRef(/** @type {ConversationFeed | null} */ (null));
  feed.current ??= new ConversationFeed(api, path, query, () => redraw((count) => count + 1));
  useEffect(() => {
    const look = () => feed.current?.want(document.visibilityState === "visible");
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      feed.current?.want(false);
    };
  }, []);
  return feed.current;
}

/**
 * @param {{feed: ConversationFeed, side: "buyer" | "shop", shop: string, buyer: string, shown?: boolean, may_close?: boolean}} props
 *   shop, buyer: names; shown: brought into view, and open to write
 */
export function Conversation({ feed, side, shop, buyer, shown = false, may_close = false }) {
  const { t } = useApp();
  const section = useRef(/** @type {HTMLElement | null} */ (null));
  const [writing, setWriting] = useState(shown);
  const { value } = feed;
  useEffect(() => {
    if (shown && value) section.current?.scrollIntoView({ block: "start" });
  }, [shown, !!value]);
  useReading(section, feed);
  const title = side === "buyer" ? t("conversation.with_shop", { shop }) : t("conversation.with_buyer");
  if (feed.error) return null;
  return html`<section class="card stack conversation" id="messages" aria-label=${title} ref=${section}>
    <h2 class="row row--spread">${title}${!!value?.unread && html`<span class="badge badge--accent">${t("conversation.new", { count: value.unread })}</span>`}</h2>
    ${value ? body(value) : html`<${SkeletonLines} lines=${2} label=${t("loading")} />`}</section>`;

  /** @param {Value} now */
  function body(now) {
    const empty = !now.messages.length;
    const shut = now.closed && side === "buyer";
    return html`
      ${empty && html`<p class="quiet">${side === "buyer" ? t("conversation.none", { shop }) : t("conversation.none_shop")}</p>`}
      ${now.before !== null && html`<${Older} feed=${feed} />`}
      ${!empty && html`<${Messages} now=${now} feed=${feed} side=${side} shop=${shop} buyer=${buyer} label=${title} />`}
      ${now.closed && html`<p class="notice">${t(side === "buyer" ? "conversation.closed" : "conversation.closed_shop")}</p>`}
      ${!shut && (empty && !writing
        ? html`<p><${Button} onClick=${() => setWriting(true)}>${t(side === "buyer" ? "conversation.begin" : "conversation.begin_shop")}<//></p>`
        : html`<${Composer} feed=${feed} eager=${writing} />`)}
      ${may_close && !empty && html`<${Closing} feed=${feed} closed=${now.closed} buyer=${buyer} />`}`;
  }
}

/** @param {{feed: ConversationFeed}} props */
function Older({ feed }) {
  const { t } = useApp();
  const { busy, run } = useBusy();
  const load = () => run("older", () => feed.older());
  return html`<${Button} kind="small quiet" busy=${busy !== ""} onClick=${load}>${t("conversation.older")}<//>`;
}

/** The newest message is in view, unless somebody reads further up. @param {{now: Value, feed: ConversationFeed, side: "buyer" | "shop", shop: string, buyer: string, label: string}} props */
function Messages({ now, feed, side, shop, buyer, label }) {
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const following = useRef(true);
  const newest = now.messages.at(-1);
  useEffect(() => {
    if (list.current && (following.current || newest?.side === side)) list.current.scrollTop = list.current.scrollHeight;
  }, [newest?.number]);
  const follow = (/** @type {{currentTarget: HTMLElement}} */ { currentTarget: at }) => {
    following.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END_PX;
  };
  const own = now.messages.findLast((one) => one.side === side && one.kind === "said");
  return html`<ol class="conversation__list" role="log" aria-label=${label} tabindex="0" ref=${list} onScroll=${follow}>
    ${now.messages.map((message) => html`<${MessageLine} key=${message.number} message=${message} mine=${message.side === side} side=${side} shop=${shop} buyer=${buyer}
      seen=${message === own && message.number <= now.seen} onStale=${() => void feed.renew()} />`)}</ol>`;
}

/** @param {{feed: ConversationFeed, closed: boolean, buyer: string}} props */
function Closing({ feed, closed, buyer }) {
  const { t } = useApp();
  const [sure, setSure] = useState(false);
  const { busy, run } = useBusy();
  const put = async (/** @type {boolean} */ wanted) => {
    await run("close", () => feed.close(wanted));
    setSure(false);
  };
  if (closed) return html`<p><${Button} kind="small" busy=${busy !== ""} onClick=${() => put(false)}>${t("conversation.reopen")}<//></p>`;
  if (!sure) return html`<p><${Button} kind="small quiet" onClick=${() => setSure(true)}>${t("conversation.close")}<//></p>`;
  return html`<div class="stack stack--tight"><p class="small">${t("conversation.close_sure", { buyer: buyer || t("conversation.buyer") })}</p>
    <p class="row row--wrap"><${Button} kind="small danger" busy=${busy !== ""} onClick=${() => put(true)}>${t("conversation.close_yes")}<//>
      <${Button} kind="small" onClick=${() => setSure(false)}>${t("conversation.close_no")}<//></p></div>`;
}

/**
 * What has been in view for a moment, of somebody who looks, has been read.
 * @param {{current: HTMLElement | null}} section
 * @param {ConversationFeed} feed
 */
function useReading(section, feed) {
  const visible = useRef(false);
  const timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  const look = () => {
    clearTimeout(timer.current);
    const seen = () => visible.current && document.visibilityState === "visible";
    if (seen()) timer.current = setTimeout(() => seen() && void feed.read(), LOOK_MS);
  };
  useEffect(() => {
    if (!section.current) return undefined;
    const watcher = new IntersectionObserver(([entry]) => {
      visible.current = entry.isIntersecting;
      look();
    }, { threshold: 0.2 });
    watcher.observe(section.current);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer.current);
      watcher.disconnect();
      document.removeEventListener("visibilitychange", look);
    };
  }, [!!feed.error]);
  useEffect(look, [feed.value]);
}
