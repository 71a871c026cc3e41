/** The host's own picture: devices, mute, screen, a sound meter that moves, the checklist and Go live. */

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";

const LOUD_ENOUGH = 0.02;

/** @param {unknown} error @returns {string} the key of the sentence that says what to do */
function cameraTrouble(error) {
  if (!navigator.mediaDevices) return "camera.insecure";
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return "camera.refused";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "camera.missing" : "camera.broken";
}

/**
 * @param {{show: import("../lib/types.js").Show, state: import("../lib/room_state.js").RoomState, live: boolean,
 *   broadcast: import("./broadcast.js").Broadcast, onGoLive: () => Promise<boolean>}} props
 */
export function PicturePane({ show, state, live, broadcast, onGoLive }) {
  const { t } = useApp();
  const { camera } = broadcast;
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const meter = useRef(/** @type {HTMLElement | null} */ (null));
  const [ready, setReady] = useState(false);
  const [heard, setHeard] = useState(false);
  const [trouble, setTrouble] = useState("");
  const [muted, setMuted] = useState(false);
  const [source, setSource] = useState(/** @type {"camera" | "screen"} */ ("camera"));
  const [devices, setDevices] = useState(/** @type {{cameras: MediaDeviceInfo[], microphones: MediaDeviceInfo[]}} */ ({ cameras: [], microphones: [] }));
  const [busy, setBusy] = useState(false);
  const [takeover, setTakeover] = useState(/** @type {{answer: (yes: boolean) => void} | null} */ (null));

  /** @param {() => Promise<void>} run */
  const attempt = async (run) => {
    try {
      await run();
      setTrouble("");
      setReady(true);
      setSource(camera.source);
      setDevices(await camera.devices());
      if (video.current) video.current.srcObject = camera.stream;
    } catch (error) {
      setTrouble(t(cameraTrouble(error)));
    }
  };
  const goLive = async () => {
    setBusy(true);
    await onGoLive();
    setBusy(false);
  };
  useEffect(() => {
    camera.onLevel = (level) => {
      if (level > LOUD_ENOUGH) setHeard(true);
      if (meter.current) meter.current.style.transform = `scaleX(${level})`;
    };
    camera.onScreenEnded = () => void attempt(() => camera.start());
    broadcast.askTakeover = () => new Promise((answer) => setTakeover({ answer }));
    void attempt(() => camera.start()).then(() => (broadcast.wasOnAir ? goLive() : undefined));
  }, [broadcast]);
  /** @param {boolean} yes */
  const answer = (yes) => {
    takeover?.answer(yes);
    setTakeover(null);
  };
  const products = state.ready ? state.run_of_show.length : show.products.length;
  return html`<div class="preview">
      <video class="preview__video" ref=${video} autoplay muted playsinline aria-label=${t("picture.own")}></video>
      ${trouble && html`<div class="preview__trouble" role="alert"><${Icon} name="alert" /><p>${trouble}</p>
        <${Button} kind="small" onClick=${() => attempt(() => camera.start())}>${t("again")}<//></div>`}
      <div class="preview__meter" role="img" aria-label=${t("picture.meter")}><span ref=${meter}></span></div>
      ${live && state.host !== "live" && html`<span class="preview__word badge badge--trouble">${t("picture.not_seen")}</span>`}
    </div>
    <div class="preview__tools">
      <${Button} kind="small" disabled=${!ready} aria-pressed=${String(muted)} onClick=${() => { camera.setMuted(!muted); setMuted(!muted); }}>
        <${Icon} name=${muted ? "mic_off" : "mic"} />${t(muted ? "picture.unmute" : "picture.mute")}<//>
      <${Button} kind="small" onClick=${() => attempt(() => (source === "screen" ? camera.start() : camera.shareScreen()))}>
        <${Icon} name=${source === "screen" ? "camera" : "picture"} />${t(source === "screen" ? "picture.camera" : "picture.screen")}<//>
      <${DeviceChoice} label=${t("picture.which_camera")} devices=${devices.cameras} onChoose=${(/** @type {string} */ id) => attempt(() => camera.start({ camera: id }))} />
      <${DeviceChoice} label=${t("picture.which_microphone")} devices=${devices.microphones} onChoose=${(/** @type {string} */ id) => attempt(() => camera.start({ microphone: id }))} />
    </div>
    ${!broadcast.publishing && html`<div class="stack stack--tight">
      ${!live && html`<ul class="checklist">
        <${Check} ok=${ready} text=${t("check.picture")} />
        <${Check} ok=${heard} text=${t(heard ? "check.sound" : "check.say_something")} />
        <${Check} ok=${products > 0} text=${t(products > 0 ? "check.products" : "check.no_products", { count: products })} />
      </ul>`}
      <${Button} kind="accent wide tall" busy=${busy} disabled=${!ready} onClick=${goLive}>
        <${Icon} name="camera" />${t(live ? "studio.send_picture" : "studio.go_live")}<//>
    </div>`}
    ${takeover && html`<${Sheet} title=${t("takeover.title")} onClose=${() => answer(false)}
      foot=${html`<${Button} kind="accent wide" onClick=${() => answer(true)}>${t("takeover.yes")}<//>`}><p>${t("takeover.what")}</p><//>`}`;
}

/** @param {{ok: boolean, text: string}} props */
function Check({ ok, text }) {
  return html`<li class=${ok ? "checklist__ok" : ""}><${Icon} name=${ok ? "check" : "clock"} />${text}</li>`;
}

/** @param {{label: string, devices: MediaDeviceInfo[], onChoose: (id: string) => void}} props */
function DeviceChoice({ label, devices, onChoose }) {
  if (devices.length < 2) return null;
  return html`<select class="input preview__device" aria-label=${label}
    onChange=${(/** @type {{currentTarget: HTMLSelectElement}} */ event) => onChoose(event.currentTarget.value)}>
    ${devices.map((device) => html`<option value=${device.deviceId}>${device.label || label}</option>`)}
  </select>`;
}
