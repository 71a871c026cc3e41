/** Of which shows this person is reminded, for all the cards at once. */

import { useState } from "../vendor/preact.js";
import { useApp, useLoad, usePerson } from "../views/app.js";

/** @typedef {import("../views/remind_button.js").Reminder} Reminder */

/**
 * @returns {{reminderOf: (show: string) => Reminder, changed: (show: string, now: Reminder) => void}}
 */
export function useReminders() {
  const { api } = useApp();
  const person = usePerson();
  const loaded = useLoad(async () => {
    if (!person) return { shows: [], reachable: false };
    return /** @type {Promise<{shows: string[], reachable: boolean}>} */ (api.get("/me/reminders"));
  }, [person?.id]);
  const [own, setOwn] = useState(/** @type {Record<string, Reminder>} what was pressed since */ ({}));
  return {
    reminderOf: (show) => own[show] ?? { reminded: loaded.value?.shows.includes(show) ?? false, reachable: loaded.value?.reachable ?? false },
    changed: (show, now) => setOwn((before) => ({ ...before, [show]: now })),
  };
}
