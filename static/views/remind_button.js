/** Remind me of a show that has not begun: by a push where the browser takes one, and by mail. Pressed again: no more. */

import { html, useState } from "../vendor/preact.js";
import { ApiError } from "../lib/server/api.js";
import { takePushes } from "../lib/visitor/push.js";
import { useApp } from "./app.js";
import { Button } from "./button.js";
import { Icon } from "./icon.js";

/** @typedef {{reminded: boolean, reachable: boolean}} Reminder as the API says it */

/**
 * @param {{show: {id: string, title: string}, reminder: Reminder, onChange: (now: Reminder) => void, onAsk: () => void, onReached: () => void, kinds?: [string, string]}} props
 *   onAsk: opens the sheet that asks for an address; onReached: closes it, since the browser takes pushes; kinds: of the button before and after
 */
export function RemindButton({ show, reminder, onChange, onAsk, onReached, kinds = ["accent", "glass"] }) {
  const { t, api, session, toasts, errorText } = useApp();
  const [busy, setBusy] = useState(false);
  const path = `/shows/${show.id}/reminder`;
  const { reminded, reachable } = reminder;
  const forget = async () => {
    onChange(await api.delete(path));
    toasts.show(t("remind.undone"));
  };
  const put = async () => {
    onChange(await api.put(path));
    toasts.show(t("remind.done"), { action: { label: t("remind.undo"), run: () => attempt(forget) } });
  };
  const reached = async () => {
    await put();
    onReached();
  };
  const set = async () => {
    const somebody = session.person ? Promise.resolve() : session.resumeOrGuest(t("name.guest", { number: String(1000 + Math.floor(Math.random() * 9000)) }));
    const pushes = takePushes(api, somebody);
    await somebody;
    if (reachable) return put();
    onAsk();
    // Nothing waits for the answer to the browser's own question; a yes makes the address needless.
    return void pushes.then((pushed) => (pushed ? attempt(reached) : undefined));
  };
  /** @param {() => Promise<unknown>} run */
  const attempt = async (run) => {
    setBusy(true);
    try {
      await run();
    } catch (error) {
      if (error instanceof ApiError && error.code === "address_needed") onAsk();
      else toasts.trouble(errorText(error));
    }
    setBusy(false);
  };
  return html`<${Button} kind=${kinds[Number(reminded)]} class="remind" busy=${busy} onClick=${() => attempt(reminded ? forget : set)} aria-pressed=${String(reminded)}
    label=${t(reminded ? "remind.stop_show" : "remind.remind_show", { show: show.title })}>
    <${Icon} name=${reminded ? "check" : "clock"} /><span>${t(reminded ? "remind.on" : "remind.notify")}</span><//>`;
}
