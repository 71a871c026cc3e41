/** The picture somebody adds to the comment they write: whether they may, the upload, what waits to be sent. */

import { useEffect, useRef, useState } from "../vendor/preact.js";
import { useApp, usePerson } from "../views/app.js";
import { useAttempt } from "../views/use_attempt.js";
import { usePreview } from "../views/use_preview.js";
import { useShow } from "./show_context.js";

const ASK_AGAIN_MS = 30_000;

/**
 * @typedef {object} CommentPictureState
 * @property {boolean} allowed
 * @property {boolean} busy it is uploaded
 * @property {string | null} waiting the id of what goes with the next comment
 * @property {string} preview its address in this browser, "" without one
 * @property {(file: Blob) => Promise<void>} add
 * @property {() => void} remove
 * @property {() => void} look asks again whether pictures are allowed, unless that was a moment ago
 */

/** @returns {CommentPictureState} */
export function useCommentPicture() {
  const { api } = useApp();
  const attempt = useAttempt();
  const { show, phase, state } = useShow();
  const person = usePerson();
  const [allowed, setAllowed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [waiting, setWaiting] = useState(/** @type {string | null} */ (null));
  const preview = usePreview();
  const asked_ms = useRef(-Infinity);
  const path = `/shows/${show.id}/comment-pictures`;
  const ask = () => {
    asked_ms.current = performance.now();
    // Without an answer there is no button, and that is all.
    api.get(path).then((answer) => setAllowed(answer.allowed), () => setAllowed(false));
  };
  useEffect(() => {
    if (phase === "live" && person && state.ready) ask();
    else setAllowed(false);
  }, [phase, person?.id, state.ready]);
  const remove = () => {
    setWaiting(null);
    preview.show(null);
  };
  const add = async (/** @type {Blob} */ file) => {
    setBusy(true);
    const went = await attempt(async () => {
      const made = await api.post(path, file, { headers: { "Content-Type": "application/octet-stream" } });
      setWaiting(made.id);
      preview.show(file);
    });
    if (!went) ask();
    setBusy(false);
  };
  const look = () => {
    if (phase === "live" && performance.now() - asked_ms.current > ASK_AGAIN_MS) ask();
  };
  return { allowed, busy, waiting, preview: preview.address, add, remove, look };
}
