/** A voice note while it is recorded: how long it is already, done, or thrown away. */

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { formatLeft } from "../../lib/clock.js";
import { MAX_VOICE_MS, VoiceRecorder } from "../../lib/files/voice_recorder.js";
import { useApp } from "../app.js";
import { Button } from "../button.js";
import { Icon } from "../icon.js";

const STEP_MS = 250;

/** @param {{onDone: (file: Blob | null) => void}} props onDone: null for a recording that is thrown away, or that could not be made */
export function Recording({ onDone }) {
  const { t, toasts } = useApp();
  const recorder = useRef(/** @type {VoiceRecorder | null} */ (null));
  const [length_ms, setLength] = useState(0);
  const [began, setBegan] = useState(false);
  const over = useRef(false);
  useEffect(() => {
    VoiceRecorder.begin().then(
      (made) => {
        if (over.current) return made.cancel();
        recorder.current = made;
        setBegan(true);
        return undefined;
      },
      () => {
        toasts.trouble(t("conversation.no_microphone"));
        if (!over.current) onDone(null);
      },
    );
    return () => {
      over.current = true;
      recorder.current?.cancel();
    };
  }, []);
  useEffect(() => {
    if (!began) return undefined;
    const start_ms = performance.now();
    const timer = setInterval(() => setLength(performance.now() - start_ms), STEP_MS);
    return () => clearInterval(timer);
  }, [began]);
  const done = async () => {
    const made = recorder.current;
    recorder.current = null;
    if (made) onDone(await made.end());
  };
  useEffect(() => {
    if (length_ms >= MAX_VOICE_MS) void done();
  }, [length_ms >= MAX_VOICE_MS]);
  const shown = formatLeft(Math.floor(length_ms / 1000) * 1000);
  return html`<div class="row composer__recording"><${Icon} name="mic" class="composer__mic" />
    <span class="grow"><b>${t("conversation.recording")}</b> <span class="figures" role="timer">${shown}</span> <span class="small quiet figures">/ ${formatLeft(MAX_VOICE_MS)}</span></span>
    <${Button} kind="quiet" onClick=${() => onDone(null)}>${t("conversation.discard")}<//>
    <${Button} kind="accent" disabled=${!began} onClick=${done}><${Icon} name="check" />${t("conversation.stop")}<//></div>`;
}
