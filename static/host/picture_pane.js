/** The host's own picture: devices, mute, screen, a sound meter that moves, the checklist and Go live. */

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Icon } from "../views/icon.js";
import { Sheet } from "../views/sheet.js";
import { DeviceChoice } from "./device_choice.js";

const LOUD_ENOUGH = 0.02;
/** Phones cannot share their screen from a page; a button that cannot work is not shown. */
const CAN_SHARE = !!navigator.mediaDevices?.getDisplayMedia;

/** @param {unknown} error @param {...string} names */
const isNamed = (error, ...names) => error instanceof DOMException && names.includes(error.name);

/** @param {unknown} error @returns {string} the key of the sentence that says what to do */
function cameraTrouble(error) {
  if (!navigator.mediaDevices) return "camera.insecure";
  if (isNamed(error, "NotAllowedError")) return "camera.refused";
  return isNamed(error, "NotFoundError", "OverconstrainedError") ? "camera.missing" : "camera.broken";
}

/** @param {unknown} error @returns {string} */
function microphoneTrouble(error) {
  if (isNamed(error, "NotAllowedError")) return "camera.microphone_refused";
  return isNamed(error, "NotFoundError", "OverconstrainedError") ? "check.no_microphone" : "camera.microphone_broken";
}

/** Who closes the browser's choice of a screen has changed their mind. @param {unknown} error @returns {string} */
const screenTrouble = (error) => (isNamed(error, "NotAllowedError") ? "" : cameraTrouble(error));

/**
 * @param {{show: import("../lib/types.js").Show, state: import("../lib/room/room_state.js").RoomState, live: boolean, known: boolean,
 *   broadcast: import("./broadcast.js").Broadcast, onGoLive: () => Promise<boolean>}} props
 *   known: the room is connected; without it nobody can tell what viewers see
 */
export function PicturePane({ show, state, live, known, broadcast, onGoLive }) {
  const { t, toasts } = useApp();
  const { camera } = broadcast;
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const meter = useRef(/** @type {HTMLElement | null} */ (null));
  const [ready, setReady] = useState(false);
  const [deaf, setDeaf] = useState(true);
  const [heard, setHeard] = useState(false);
  const [trouble, setTrouble] = useState("");
  const [dark, setDark] = useState(false);
  const [muted, setMuted] = useState(false);
  const [source, setSource] = useState(/** @type {"camera" | "screen"} */ ("camera"));
  const [devices, setDevices] = useState(/** @type {{cameras: MediaDeviceInfo[], microphones: MediaDeviceInfo[]}} */ ({ cameras: [], microphones: [] }));
  const [busy, setBusy] = useState(false);
  const [takeover, setTakeover] = useState(/** @type {{answer: (yes: boolean) => void} | null} */ (null));

  const refresh = async () => {
    const has_picture = camera.stream.getVideoTracks().length > 0;
    setReady(has_picture);
    if (has_picture) setTrouble("");
    setDeaf(!camera.stream.getAudioTracks().length);
    setSource(camera.source);
    setDevices(await camera.devices());
    if (video.current && video.current.srcObject !== camera.stream) video.current.srcObject = camera.stream;
  };
  /** The camera itself: without it there is nothing to show. @param {() => Promise<void>} run @returns {Promise<boolean>} whether there is a picture */
  const begin = async (run) => {
    let failed = "";
    try {
      await run();
    } catch (error) {
      failed = t(cameraTrouble(error));
    }
    await refresh();
    const has_picture = camera.stream.getVideoTracks().length > 0;
    if (failed && !has_picture) setTrouble(failed);
    return has_picture;
  };
  /** A change while there is a picture: when it fails, what was there stays. @param {() => Promise<void>} run @param {typeof cameraTrouble} sentence what to say then, "" for nothing */
  const change = async (run, sentence) => {
    try {
      await run();
    } catch (error) {
      const words = sentence(error);
      if (words) toasts.trouble(t(words));
    }
    await refresh();
  };
  /** @param {string} [id] the missing one without */
  const useMicrophone = (id) => change(() => camera.useMicrophone(id), microphoneTrouble);
  /** @param {string} id */
  const otherCamera = (id) => change(() => camera.useCamera(id), (error) => (camera.stream.getVideoTracks().length ? "camera.not_changed" : cameraTrouble(error)));
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
    camera.onScreenEnded = () => void begin(() => camera.useCamera());
    camera.onLost = (kind, replaced) => {
      if (kind === "video") setTrouble(t(camera.isRefused("camera") ? "camera.refused" : "camera.lost"));
      else toasts.trouble(t(replaced ? "camera.microphone_other" : "camera.microphone_lost"));
      void refresh();
    };
    camera.onPermission = (device, failure) => void refresh().then(() => {
      if (failure && device === "camera" && !camera.stream.getVideoTracks().length) setTrouble(t(cameraTrouble(failure)));
    });
    camera.onDark = setDark;
    broadcast.askTakeover = () => new Promise((answer) => setTakeover({ answer }));
    const wake = () => camera.wake();
    const plugged = () => void camera.devices().then(setDevices);
    addEventListener("pointerdown", wake);
    navigator.mediaDevices?.addEventListener?.("devicechange", plugged);
    void begin(() => camera.start()).then((begun) => (begun && broadcast.wasOnAir ? goLive() : undefined));
    return () => {
      removeEventListener("pointerdown", wake);
      navigator.mediaDevices?.removeEventListener?.("devicechange", plugged);
    };
  }, [broadcast]);
  /** @param {boolean} yes */
  const answer = (yes) => {
    takeover?.answer(yes);
    setTakeover(null);
  };
  const elsewhere = state.host === "live"; // an encoder's picture, or another browser's, while this one sends none
  const products = state.ready ? state.run_of_show.length : show.products.length;
  return html`<div class="preview">
      <video class="preview__video" ref=${video} autoplay muted playsinline aria-label=${t("picture.own")}></video>
      ${trouble && html`<div class="preview__trouble" role="alert"><${Icon} name="alert" /><p>${trouble}</p>
        <${Button} kind="small" onClick=${() => begin(() => camera.start())}>${t("again")}<//></div>`}
      ${ready && dark && !trouble && html`<div class="preview__trouble" role="alert"><${Icon} name="alert" /><p>${t("camera.dark")}</p></div>`}
      ${!ready && !trouble && html`<div class="preview__trouble" role="status"><${Icon} name="camera" /><p>${t("picture.starting")}</p></div>`}
      ${ready && (deaf || muted) && html`<span class="preview__muted badge badge--trouble"><${Icon} name="mic_off" />${t(deaf ? "picture.no_sound" : "picture.is_muted")}</span>`}
      <div class="preview__meter" hidden=${!ready} role="img" aria-label=${t("picture.meter")}><span ref=${meter}></span></div>
      ${live && known && state.host !== "live" && html`<span class="preview__word badge badge--trouble">${t("picture.not_seen")}</span>`}
    </div>
    <div class="preview__tools">
      <${Button} kind="small" disabled=${deaf} aria-pressed=${String(muted)} onClick=${() => { camera.setMuted(!muted); setMuted(!muted); }}>
        <${Icon} name=${muted ? "mic_off" : "mic"} />${t(muted ? "picture.unmute" : "picture.mute")}<//>
      ${CAN_SHARE && html`<${Button} kind="small" onClick=${() => (source === "screen" ? change(() => camera.useCamera(), cameraTrouble) : change(() => camera.shareScreen(), screenTrouble))}>
        <${Icon} name=${source === "screen" ? "camera" : "picture"} />${t(source === "screen" ? "picture.camera" : "picture.screen")}<//>`}
      ${source === "camera" && html`<${DeviceChoice} label=${t("picture.which_camera")} devices=${devices.cameras} now=${camera.device("video")} onChoose=${otherCamera} />`}
      <${DeviceChoice} label=${t("picture.which_microphone")} devices=${devices.microphones} now=${camera.device("audio")} onChoose=${useMicrophone} />
    </div>
    ${ready && deaf && html`<div class="notice notice--trouble preview__deaf" role="status"><p>${t(camera.isRefused("microphone") ? "camera.microphone_refused" : "check.no_microphone")}</p>
      <${Button} kind="small" onClick=${() => useMicrophone()}>${t("again")}<//></div>`}
    ${!broadcast.publishing && html`<div class="stack stack--tight">
      ${!live && !elsewhere && html`<ul class="checklist">
        <${Check} ok=${ready && !dark} text=${t("check.picture")} />
        <${Check} ok=${heard && !deaf} text=${t(heard || deaf || !ready ? "check.sound" : "check.say_something")} />
        <${Check} ok=${show.poster !== null} text=${t(show.poster ? "check.poster" : "check.no_poster")} />
        <${Check} ok=${products > 0} text=${t(products > 0 ? "check.products" : "check.no_products", { count: products })} />
      </ul>`}
      <${Button} kind=${elsewhere ? "wide" : "accent wide tall"} busy=${busy} disabled=${!ready} onClick=${goLive}>
        <${Icon} name="camera" />${t(live || elsewhere ? "studio.send_picture" : "studio.go_live")}<//>
    </div>`}
    ${takeover && html`<${Sheet} title=${t("takeover.title")} onClose=${() => answer(false)}
      foot=${html`<div class="stack stack--tight"><${Button} kind="accent wide" onClick=${() => answer(true)}>${t("takeover.yes")}<//>
        <${Button} kind="wide" onClick=${() => answer(false)}>${t("takeover.no")}<//></div>`}><p>${t("takeover.what")}</p><//>`}`;
}

/** @param {{ok: boolean, text: string}} props */
function Check({ ok, text }) {
  return html`<li class=${ok ? "checklist__ok" : ""}><${Icon} name=${ok ? "check" : "clock"} />${text}</li>`;
}
