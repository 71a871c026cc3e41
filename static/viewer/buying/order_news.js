/** News of one's own orders: while a sheet shows the order it follows, otherwise a short message does. */

import { useEffect, useRef } from "../../vendor/preact.js";
import { useApp } from "../../views/app.js";
import { outcomeOf } from "./flow.js";

/**
 * @param {import("../../lib/room/room.js").RoomClient} room
 * @param {import("../show_context.js").Sheet | null} sheet
 * @param {(sheet: import("../show_context.js").Sheet) => void} openSheet
 */
export function useOrderNews(room, sheet, openSheet) {
  const { t, toasts } = useApp();
  const open = useRef(sheet);
  open.current = sheet;
  const told = useRef(new Set());
  useEffect(() => room.on("you", ({ event, order }) => {
    const kind = open.current?.kind;
    if (event !== "order" || !order || kind === "buy" || kind === "pay" || kind === "order") return;
    const outcome = outcomeOf(order);
    const name = `${order.id} ${outcome}`;
    if (outcome === "paying" || outcome === "confirming" || outcome === "cancelled" || told.current.has(name)) return;
    told.current.add(name);
    const action = { label: t("buy.see_order"), run: () => openSheet({ kind: "order", order: order.id }) };
    toasts.show(t(`buy.${outcome}`), { action, kind: outcome === "paid" || outcome === "placed" ? "plain" : "trouble", shown_ms: 8_000 });
  }), [room, t]);
}
