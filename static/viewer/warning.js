/** A moderator's warning, which stands where one writes until it is acknowledged. */

import { html, useEffect } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Icon } from "../views/icon.js";
import { useBusy } from "../views/use_attempt.js";
import { useShow } from "./show_context.js";

/** @param {{warning: {action: string, message: string}}} props */
export function WarningCard({ warning }) {
  const { t } = useApp();
  const { room } = useShow();
  const { busy, run } = useBusy();
  const acknowledge = () => run("acknowledge", async () => {
    await room.request("acknowledge", { action: warning.action }, { write: true });
    room.learn({ event: "acknowledged" });
  });
  return html`<div class="composer__warning" role="alert">
    <p class="composer__warned"><${Icon} name="alert" /><strong>${t("comment.warned")}</strong></p>
    <p class="composer__warned-text">${warning.message}</p>
    <button type="button" class="btn btn--small" disabled=${busy !== ""} onClick=${acknowledge}>${t("comment.acknowledge")}</button>
  </div>`;
}

/** Says what became of one's own comment that waited for a moderator. */
export function useReviewNews() {
  const { t, toasts } = useApp();
  const { room } = useShow();
  useEffect(() => room.on("you", ({ event }) => {
    if (["approved", "denied", "expired"].includes(event)) toasts.show(t(`comment.${event}`));
  }), [room]);
}
