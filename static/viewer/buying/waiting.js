/** Waiting: for units that others hold or bought, with one's place and the offer; and before an overrun sale. */

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { formatTime } from "../../lib/clock.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { useAttempt } from "../../views/use_attempt.js";
import { useShow } from "../show_context.js";
import { EndScreen } from "./ending.js";

const ASK_EVERY_MS = 10_000;

/** @typedef {import("../../lib/types.js").Place} Place */
/** @typedef {import("../../lib/types.js").Reservation} Reservation */

/**
 * Joins the line for what could not be held.
 * @param {{wanted: {variant: string, sale: string | null}, onPlace: (place: Place) => void, onFree: (() => void) | null}} props
 *   onFree: units came free meanwhile, nobody need wait
 */
export function WaitButton({ wanted, onPlace, onFree }) {
  const { t, errorText, toasts } = useApp();
  const { counter } = useShow();
  const [busy, setBusy] = useState(false);
  const join = async () => {
    setBusy(true);
    try {
      onPlace(await counter.wait(wanted));
    } catch (error) {
      setBusy(false);
      if (/** @type {{code?: string}} */ (error).code === "units_free" && onFree) return onFree();
      toasts.trouble(errorText(error));
    }
    return undefined;
  };
  return html`<${Button} kind="accent wide tall" busy=${busy} onClick=${join}>${t("wait.join")}<//>`;
}

/**
 * One's place in the line. It moves up by itself, and becomes the offer when it is one's turn.
 * @param {{place: Place, onOffer: (offer: Reservation) => void, onLeft: () => void}} props
 */
export function Waiting({ place: first, onOffer, onLeft }) {
  const { t, session } = useApp();
  const attempt = useAttempt();
  const { state, counter, openSheet } = useShow();
  const [busy, setBusy] = useState(false);
  const place = state.you?.waits?.find(({ pool }) => pool === first.pool);
  const offer = state.you?.reservations.find((one) => one.state === "open" && one.lines.some(({ pool }) => pool === first.pool));
  useEffect(() => {
    if (offer) onOffer(offer);
  }, [offer?.id]);
  useMovingUp(first.pool);
  const leave = async () => {
    setBusy(true);
    const went = await attempt(async () => {
      await counter.leave(first.pool);
      onLeft();
    });
    if (!went) setBusy(false);
  };
  const others = html`<${Button} kind="quiet wide" onClick=${() => openSheet({ kind: "products" })}>${t("buy.other_products")}<//>`;
  if (!place && !offer) return html`<${EndScreen} icon="clock" title=${t("wait.over")} text=${t("wait.over_next")}>${others}<//>`;
  const position = place?.position ?? 1;
  const next = session.person?.kind === "account" ? t("wait.next_mail") : t("wait.next");
  return html`<${EndScreen} icon="clock" title=${t("wait.place", { position })} text=${`${position > 1 ? t("wait.before", { count: position - 1 }) : t("wait.first")} ${next}`}>
    <${Button} kind="wide tall" onClick=${() => openSheet(null)}>${t("buy.go_on")}<//>
    <${Button} kind="quiet wide" busy=${busy} onClick=${leave}>${t("wait.leave")}<//>${others}<//>`;
}

/** One's place before an overrun sale, and how long it may take. @param {{queued: import("./counter.js").Queued}} props */
export function InLine({ queued }) {
  const { t } = useApp();
  const { position, estimate_ms } = queued;
  if (position === null) return html`<${EndScreen} icon="busy" title=${t("line.draw")} text=${t("line.draw_next")} />`;
  const text = estimate_ms < 2_000 ? t("line.soon") : t("line.about", { count: Math.ceil(estimate_ms / 1000) });
  return html`<${EndScreen} icon="busy" title=${t("line.place", { position })} text=${`${text} ${t("line.stay")}`} />`;
}

/** Asks for one's place when the pool moved, and now and then. @param {string} pool */
function useMovingUp(pool) {
  const { state, counter } = useShow();
  const stock = state.stock[pool];
  const asked_ms = useRef(0);
  useEffect(() => {
    const ask = () => {
      asked_ms.current = Date.now();
      counter.places().catch(() => {}); // the next one comes soon
    };
    if (Date.now() - asked_ms.current > ASK_EVERY_MS / 5) ask();
    const timer = setInterval(ask, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [pool, stock?.held, stock?.sold, stock?.available]);
}

/**
 * An offer that comes while no sheet waits for it is said aloud, with the way to pay it.
 * @param {import("../../lib/room/room_state.js").RoomState} state
 * @param {import("../show_context.js").Sheet | null} sheet
 * @param {(sheet: import("../show_context.js").Sheet) => void} openSheet
 */
export function useOfferNews(state, sheet, openSheet) {
  const { t, i18n, toasts } = useApp();
  const told = useRef(new Set());
  const offers = (state.you?.reservations ?? []).filter(({ offered, state: of }) => offered && of === "open");
  useEffect(() => {
    for (const { id, lines, deadline_ms } of offers) {
      if (told.current.has(id)) continue;
      told.current.add(id);
      if (sheet?.kind === "buy" || sheet?.kind === "pay") continue;
      const action = { label: t("buy.go_to_pay"), run: () => openSheet({ kind: "pay", reservations: [id] }) };
      const title = lines[0]?.title ?? "";
      toasts.show(t("wait.offer", { title, time: formatTime(deadline_ms, i18n.locale) }), { action, kind: "plain", shown_ms: 30_000 });
    }
  }, [offers.map(({ id }) => id).join()]);
}
