/** A plain player of a voice note: play or pause, where it is, how long it is. Nothing is loaded before it is played. */

import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { formatLeft } from "../../lib/clock.js";
import { useApp } from "../app.js";
import { Button } from "../button.js";
import { Icon } from "../icon.js";

/** @param {{voice: import("../../lib/types.js").Attachment, onStale: () => void}} props */
export function VoicePlayer({ voice, onStale }) {
  const { t } = useApp();
  const audio = useRef(/** @type {HTMLAudioElement | null} */ (null));
  const [playing, setPlaying] = useState(false);
  const [at_s, setAt] = useState(0);
  useEffect(() => {
    const made = audio.current;
    return () => made?.pause(); // what is taken off the page would go on sounding
  }, []);
  const all_s = (voice.duration_ms ?? 0) / 1000;
  const duration = formatLeft(voice.duration_ms ?? 0);
  const press = () => {
    if (playing) audio.current?.pause();
    else audio.current?.play().catch(() => setPlaying(false));
  };
  const seek = (/** @type {{currentTarget: HTMLInputElement}} */ event) => {
    const wanted_s = Number(event.currentTarget.value);
    if (audio.current) audio.current.currentTime = wanted_s;
    setAt(wanted_s);
  };
  return html`<div class="voice" role="group" aria-label=${t("conversation.voice", { duration })}>
    <audio src=${voice.url} preload="none" ref=${audio} onPlay=${() => setPlaying(true)} onPause=${() => setPlaying(false)} onError=${onStale}
      onTimeUpdate=${() => setAt(audio.current?.currentTime ?? 0)} onEnded=${() => { setPlaying(false); setAt(0); }}></audio>
    <${Button} kind="round" label=${playing ? t("conversation.pause") : t("conversation.play", { duration })} onClick=${press}><${Icon} name=${playing ? "pause" : "play"} /><//>
    <input class="voice__place" type="range" min="0" max=${all_s} step="0.1" value=${Math.min(at_s, all_s)} aria-label=${t("conversation.place")} aria-valuetext=${`${formatLeft(at_s * 1000)} / ${duration}`} onInput=${seek} />
    <span class="voice__time small figures" aria-hidden="true">${playing || at_s > 0 ? formatLeft(at_s * 1000) : duration}</span></div>`;
}
