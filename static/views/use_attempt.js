/** Doing what may fail: what went wrong is said to the reader, and nobody else has to care. */

import { useState } from "../vendor/preact.js";
import { useApp } from "./app.js";

/** @returns {(how: () => Promise<unknown>) => Promise<boolean>} answers whether it went well */
export function useAttempt() {
  const { toasts, errorText } = useApp();
  return async (how) => {
    try {
      await how();
      return true;
    } catch (error) {
      toasts.trouble(errorText(error));
      return false;
    }
  };
}

/**
 * What is under way, known by a name, for whatever shows that: `busy` is the name of what `run` began last and has not
 * done, "" for nothing.
 * @returns {{busy: string, run: (what: string, how: () => Promise<unknown>) => Promise<void>}}
 */
export function useBusy() {
  const attempt = useAttempt();
  const [busy, setBusy] = useState("");
  const run = async (/** @type {string} */ what, /** @type {() => Promise<unknown>} */ how) => {
    setBusy(what);
    await attempt(how);
    setBusy((now) => (now === what ? "" : now));
  };
  return { busy, run };
}
