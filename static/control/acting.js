/** Does what a moderator asks and says so: a toast with Undo for every action, the reason for every refusal. */

import { useApp } from "../views/app.js";
import { useAttempt } from "../views/use_attempt.js";
import { UNDO_MS, spanKey } from "./moderation.js";

/** @typedef {(run: () => Promise<import("./moderation.js").Done>) => Promise<boolean>} Act */

/**
 * @param {import("./moderation.js").Moderation} moderation
 * @returns {{act: Act, takeBack: (done?: import("./moderation.js").Done) => Promise<void>, undoAction: (id: string) => Promise<void>}}
 */
export function useActing(moderation) {
  const { t, toasts } = useApp();
  const attempt = useAttempt();
  /** @param {import("./moderation.js").Done} [done] without it the newest */
  const takeBack = async (done) => {
    await attempt(async () => {
      const undone = await moderation.undo(done);
      toasts.show(undone ? t("control.undone") : t("control.nothing_to_undo"));
    });
  };
  /** @param {string} id */
  const undoAction = async (id) => {
    if (await attempt(() => moderation.undoAction(id))) toasts.show(t("control.undone"));
  };
  /** @type {Act} */
  const act = (run) => attempt(async () => {
    const done = await run();
    const action = done.id ? { label: t("control.undo"), run: () => void takeBack(done) } : undefined;
    const ends = (["slow_mode", "shield"].includes(done.action) && !done.seconds) || (done.action === "show_question" && !done.name);
    const off = ends ? "_off" : "";
    const span = done.seconds ? t(spanKey(done.seconds), { seconds: done.seconds }) : "";
    toasts.show(t(`control.did.${done.action}${off}`, { name: done.name || t("control.somebody"), span }), { shown_ms: UNDO_MS, action });
  });
  return { act, takeBack, undoAction };
}
