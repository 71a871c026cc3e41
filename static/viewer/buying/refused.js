/** A hold that was not given: why, whether waiting helps, and what else there is. */

import { html } from "../../vendor/preact.js";
import { useApp } from "../../views/app.js";
import { Button } from "../../views/button.js";
import { StockBar } from "../../views/stock_bar.js";
import { useShow } from "../show_context.js";
import { EndScreen } from "./ending.js";
import { WaitButton } from "./waiting.js";

/**
 * @param {{refusal: import("./flow.js").Refusal, pool: string | null, onAgain: (() => void) | null,
 *   wanted?: import("./flow.js").Wanted | null, onPlace?: (place: import("../../lib/types.js").Place) => void}} props
 *   wanted: what may be waited for; onPlace: the person waits now
 */
export function Refused({ refusal, pool, onAgain, wanted = null, onPlace }) {
  const { t, errorText } = useApp();
  const { state, openSheet } = useShow();
  const stock = pool ? state.stock[pool] : null;
  const toOthers = (/** @type {string} */ kind) => html`<${Button} kind=${kind} onClick=${() => openSheet({ kind: "products" })}>${t("buy.other_products")}<//>`;
  const others = toOthers("quiet wide");
  const wait = wanted && onPlace && html`<${WaitButton} wanted=${wanted} onPlace=${onPlace} onFree=${onAgain} />`;
  const again = (/** @type {string} */ words, kind = "accent wide tall") => onAgain && html`<${Button} kind=${kind} onClick=${onAgain}>${words}<//>`;
  switch (refusal.code) {
    case "all_held": return allHeld();
    case "sold_out": return soldOut();
    case "sale_ended": return html`<${EndScreen} icon="clock" title=${t("buy.sale_ended")} text=${t("buy.sale_ended_next")}>${again(t("buy.ordinary"))}${others}<//>`;
    case "limit_reached": return html`<${EndScreen} icon="bag" title=${t("buy.limit_reached")} text=${t("buy.limit_reached_next")}>
      <${Button} kind="accent wide tall" onClick=${() => openSheet({ kind: "bag" })}>${t("buy.see_bag")}<//>${others}<//>`;
    default: return html`<${EndScreen} icon="alert" tone="trouble" title=${t("buy.refused")} text=${errorText(refusal)}>${again(t("again"))}${others}<//>`;
  }

  function soldOut() {
    return html`<${EndScreen} icon="box" title=${t("buy.sold_out")} text=${t("buy.sold_out_next")}>${wait}${toOthers(wait ? "quiet wide" : "accent wide tall")}<//>`;
  }

  /** It says by itself when a unit comes free, or when none can come any more. */
  function allHeld() {
    if (stock && stock.available > 0) {
      return html`<${EndScreen} icon="bolt" tone="won" title=${t("buy.all_held_free")} text=${t("buy.all_held_free_next")}>${again(t("buy.buy"))}${others}<//>`;
    }
    if (stock && stock.held === 0) return soldOut();
    const count = stock?.held ?? refusal.facts.held ?? 1;
    return html`<${EndScreen} icon="clock" title=${t("buy.all_held")} text=${t("buy.all_held_next", { count })}>
      <${StockBar} stock=${stock} words=${false} />${wait}${again(t("again"), wait ? "quiet wide" : "wide tall")}${others}<//>`;
  }
}
