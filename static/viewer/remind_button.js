/** "Notify me" of a show that has not begun: by a push where the browser takes one, and by mail. */

import { html, useState } from "../vendor/preact.js";
import { takePushes } from "../lib/push.js";
import { useApp, useLoad, usePerson } from "../views/app.js";
import { Button } from "../views/button.js";
import { Icon } from "../views/icon.js";
import { useShow } from "./show_context.js";

/** @typedef {{reminded: boolean, reachable: boolean}} Reminder as the API says it */

/** No props. */
export function RemindButton() {
  const { t, api, toasts, errorText } = useApp();
  const { show, openSheet } = useShow();
  const person = usePerson();
  const path = `/shows/${show.id}/reminder`;
  const loaded = useLoad(() => /** @type {Promise<Reminder>} */ (api.get(path)), [show.id, person?.id]);
  const [busy, setBusy] = useState(false);
  const reminder = loaded.value;
  if (!reminder) return null;
  const press = async () => {
    setBusy(true);
    try {
      const pushed = !reminder.reminded && (await takePushes(api));
      if (!reminder.reminded && !reminder.reachable && !pushed) openSheet({ kind: "remind" });
      else {
        const now = /** @type {Reminder} */ (await (reminder.reminded ? api.delete(path) : api.put(path)));
        loaded.set(now);
        toasts.show(t(now.reminded ? "remind.done" : "remind.undone"));
      }
    } catch (error) {
      toasts.trouble(errorText(error));
    }
    setBusy(false);
  };
  return html`<${Button} kind=${reminder.reminded ? "glass" : "accent"} busy=${busy} onClick=${press} aria-pressed=${reminder.reminded ? "true" : "false"}>
    <${Icon} name=${reminder.reminded ? "check" : "clock"} />${t(reminder.reminded ? "remind.on" : "remind.notify")}<//>`;
}
