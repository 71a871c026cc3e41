/**
 * The host's picture and sound: camera or screen, microphone, devices that change while on air. No framework.
 *
 * A device that was chosen is asked for exactly; once it is gone the choice is forgotten, and the browser gives what
 * there is. What comes after `stop` is stopped at once.
 */

import { DEVICES, Permissions, stillToAsk } from "./permissions.js";
import { SoundMeter } from "./sound_meter.js";

const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
/** It is there and cannot be started: another program has it, or this page's other camera. */
const TAKEN = Object.freeze(["NotReadableError", "AbortError"]);
/** One of the two cannot be had; the other one may. */
const WANTING = Object.freeze([...TAKEN, "NotFoundError", "OverconstrainedError"]);

/** The browser was told not to give it, by a person or by the system. */
const REFUSED = Object.freeze(["NotAllowedError"]);

/** @typedef {"camera" | "screen"} Source */
/** @typedef {import("./permissions.js").Device} Device */

/** @param {unknown} error @param {readonly string[]} names */
const isOneOf = (error, names) => error instanceof DOMException && names.includes(error.name);

export class Camera {
  /** One stream for the page's whole life: tracks come and go in it, and those in it are live. */
  stream = new MediaStream();
  /** @type {Source} */
  source = "camera";
  #muted = false;
  #dark = false;
  #meter = new SoundMeter((level) => this.onLevel(level));
  #permissions = new Permissions();
  /** @type {(track: MediaStreamTrack) => void} */
  onTrack = () => {};
  /** @type {(level: number) => void} 0 to 1, ten times a second */
  onLevel = () => {};
  /** @type {() => void} the screen is no longer shared (its own "stop sharing" was pressed) */
  onScreenEnded = () => {};
  /** @type {(kind: string, replaced: boolean) => void} a device was pulled out or taken away: "audio" or "video"; replaced: another one is on */
  onLost = () => {};
  /** @type {(device: Device, failure: unknown) => void} the browser was told something else of it; what it gives now is on, or why it is not */
  onPermission = () => {};
  /** @type {(dark: boolean) => void} the camera runs and gives no picture (a call on the phone, a privacy switch), or gives one again */
  onDark = () => {};
  /** What was chosen last, so that coming back from the screen is coming back to it. @type {{camera?: string, microphone?: string}} */
  #chosen = {};
  /** Counts the stops: what was asked for before one is not wanted after it. */
  #run = 0;
  /** Those that the browser refused when they were last asked for. @type {Set<Device>} */
  #refused = new Set();
  /** The start that is under way. @type {Promise<void> | null} */
  #starting = null;
  /** All that is being asked for at a person's wish. @type {Set<Promise<void>>} */
  #under_way = new Set();

  constructor() {
    this.#permissions.onChange = (device, state) => void this.#onPermission(device, state);
  }

  /** @returns {boolean} */
  get muted() {
    return this.#muted;
  }

  /**
   * Starts camera and microphone. Without a microphone there is a picture alone, which is more than nothing; without a
   * camera the microphone is on for a screen. What was refused comes by itself once it is allowed.
   * @throws {DOMException} when there is no picture, e.g. `NotAllowedError`, `NotFoundError`
   */
  start() {
    if (this.#starting) return this.#starting;
    const mine = this.#noted(this.#startBoth()).finally(() => {
      if (this.#starting === mine) this.#starting = null;
    });
    this.#starting = mine;
    return mine;
  }

  /**
   * Another camera, or back from the screen; the microphone goes on untouched. Many phones run one camera at a time:
   * the running one then makes room, and comes back if the other cannot be started.
   * @param {string} [device]
   * @throws {DOMException}
   */
  useCamera(device) {
    return this.#noted(this.#useCamera(device));
  }

  /** @param {string} [device] @throws {DOMException} */
  async #useCamera(device) {
    const run = this.#run;
    if (!device) return this.#takeAll(await this.#askAnew(run, "camera"), "camera");
    const running = this.source === "camera" ? this.stream.getVideoTracks()[0] : undefined;
    const request = { video: { ...VIDEO, deviceId: { exact: device } } };
    try {
      this.#takeAll(await this.#ask(run, request), "camera");
    } catch (error) {
      if (!running || !isOneOf(error, TAKEN)) throw error;
      await this.#changePlaces(run, running, request);
    }
    this.#chosen.camera = device;
  }

  /**
   * Another microphone, or without a name the one that is missing; the picture goes on untouched.
   * @param {string} [device]
   * @throws {DOMException}
   */
  useMicrophone(device) {
    return this.#noted(this.#useMicrophone(device));
  }

  /** @param {string} [device] @throws {DOMException} */
  async #useMicrophone(device) {
    if (!device) return this.#takeAll(await this.#askAnew(this.#run, "microphone"), this.source);
    this.#takeAll(await this.#ask(this.#run, { audio: { deviceId: { exact: device } } }), this.source);
    this.#chosen.microphone = device;
  }

  /** Whether the browser refused it when it was last asked for. @param {Device} device @returns {boolean} */
  isRefused(device) {
    return this.#refused.has(device);
  }

  /** @param {"audio" | "video"} kind @returns {string} id of the device in use, "" when none is */
  device(kind) {
    const track = this.stream.getTracks().find((one) => one.kind === kind);
    return track?.getSettings().deviceId ?? "";
  }

  /** The sound meter may only run after a press, in browsers that say so. */
  wake() {
    this.#meter.wake();
  }

  /** Shows a screen or window instead of the camera; the microphone stays. */
  async shareScreen() {
    const run = this.#run;
    const wanted = { video: { frameRate: { ideal: 30 } }, audio: false };
    const [track] = this.#ifWanted(run, await navigator.mediaDevices.getDisplayMedia(wanted));
    if (!track) return;
    track.contentHint = "detail";
    this.#take(track, "screen");
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.#muted = muted;
    for (const track of this.stream.getAudioTracks()) track.enabled = !muted;
  }

  /** @returns {Promise<{cameras: MediaDeviceInfo[], microphones: MediaDeviceInfo[]}>} */
  async devices() {
    const all = (await navigator.mediaDevices?.enumerateDevices()) ?? []; // pages without HTTPS have none
    return { cameras: all.filter(({ kind }) => kind === "videoinput"), microphones: all.filter(({ kind }) => kind === "audioinput") };
  }

  stop() {
    this.#run += 1;
    this.#starting = null;
    this.#meter.stop();
    this.#permissions.forget();
    for (const track of this.stream.getTracks()) this.#drop(track);
  }

  /** @param {Device} device @param {"exact" | "ideal"} how */
  #wanted(device, how = "exact") {
    const chosen = this.#chosen[device];
    const base = device === "camera" ? VIDEO : {};
    return chosen ? { ...base, deviceId: { [how]: chosen } } : device === "camera" ? base : true;
  }

  /**
   * @param {number} run @param {MediaStreamConstraints} request
   * @returns {Promise<MediaStreamTrack[]>} none when it was stopped meanwhile
   */
  async #ask(run, request) {
    return run === this.#run ? this.#ifWanted(run, await navigator.mediaDevices.getUserMedia(request)) : [];
  }

  /** @throws {DOMException} */
  async #startBoth() {
    const run = this.#run;
    try {
      const request = { video: this.#wanted("camera"), audio: this.#wanted("microphone") };
      this.#takeAll(await this.#ask(run, request), "camera");
    } catch (error) {
      if (run !== this.#run) return; // it was left: nothing is watched for it any more
      const apart = await this.#mayComeAlone(error);
      if (run !== this.#run) return;
      if (apart.includes("microphone")) this.#takeAll(await this.#askAnew(run, "microphone").catch(() => []), "camera");
      if (!apart.includes("camera")) throw error;
      this.#takeAll(await this.#askAnew(run, "camera"), "camera");
    }
  }

  /** After both could not be had together. @param {unknown} error @returns {Promise<readonly Device[]>} */
  async #mayComeAlone(error) {
    const was_refused = isOneOf(error, REFUSED);
    if (!was_refused && !isOneOf(error, WANTING)) return [];
    // Read in any case: what is missing may hide that the other one is blocked.
    const states = await this.#permissions.read();
    const apart = was_refused ? stillToAsk(states) : DEVICES;
    for (const device of DEVICES) if (!apart.includes(device)) this.#refused.add(device);
    return apart;
  }

  /** @param {Device} device @param {string} state */
  async #onPermission(device, state) {
    const run = this.#run;
    await Promise.allSettled(this.#under_way); // it may be the answer to what a person asks for just now
    let failure = null;
    if (state === "granted" && !this.#has(device)) {
      const tracks = await this.#askAnew(run, device).catch((error) => {
        failure = error;
        return [];
      });
      this.#takeMissing(device, tracks);
    }
    if (run === this.#run) this.onPermission(device, failure);
  }

  /** "Try again" or a choice may have been quicker, or a screen is shared. @param {Device} device @param {MediaStreamTrack[]} tracks */
  #takeMissing(device, tracks) {
    if (this.#has(device)) for (const track of tracks) track.stop();
    else this.#takeAll(tracks, this.source);
  }

  /** @param {Promise<void>} work @returns {Promise<void>} */
  #noted(work) {
    const gone = () => void this.#under_way.delete(work);
    this.#under_way.add(work);
    work.then(gone, gone);
    return work;
  }

  /** @param {Device} device */
  #has(device) {
    const kind = device === "camera" ? "video" : "audio";
    return this.stream.getTracks().some((track) => track.kind === kind);
  }

  /** One device alone: the chosen one, or another when that is gone. @param {number} run @param {Device} device @throws {DOMException} */
  async #askAnew(run, device) {
    const name = device === "camera" ? "video" : "audio";
    try {
      return await this.#ask(run, { [name]: this.#wanted(device) });
    } catch (error) {
      if (isOneOf(error, REFUSED)) this.#noteRefusal(run, device);
      else this.#refused.delete(device);
      if (!isOneOf(error, ["OverconstrainedError"])) throw error;
      const rather = this.#wanted(device, "ideal");
      this.#chosen[device] = undefined;
      return this.#ask(run, { [name]: rather });
    }
  }

  /** It comes when it is allowed, unless it was left. @param {number} run @param {Device} device */
  #noteRefusal(run, device) {
    this.#refused.add(device);
    if (run === this.#run) void this.#permissions.read();
  }

  /** @param {number} run @param {MediaStreamTrack} running @param {MediaStreamConstraints} request @throws {DOMException} */
  async #changePlaces(run, running, request) {
    const former = running.getSettings().deviceId;
    running.stop();
    try {
      this.#takeAll(await this.#ask(run, request), "camera");
    } catch (error) {
      const back = { video: { ...VIDEO, ...(former && { deviceId: { exact: former } }) } };
      const tracks = await this.#ask(run, back).catch(() => null);
      if (tracks) this.#takeAll(tracks, "camera");
      else this.#lose(running);
      throw error;
    }
  }

  /** @param {number} run @param {MediaStream} fresh @returns {MediaStreamTrack[]} */
  #ifWanted(run, fresh) {
    if (run === this.#run) return fresh.getTracks();
    for (const track of fresh.getTracks()) track.stop();
    return [];
  }

  /** @param {MediaStreamTrack[]} tracks @param {Source} source */
  #takeAll(tracks, source) {
    for (const track of tracks) this.#take(track, source);
  }

  /** @param {MediaStreamTrack} track @param {Source} source of its picture */
  #take(track, source) {
    const is_picture = track.kind === "video";
    if (!is_picture || source === "camera") this.#refused.delete(is_picture ? "camera" : "microphone");
    for (const old of this.stream.getTracks().filter(({ kind }) => kind === track.kind)) this.#drop(old);
    this.stream.addTrack(track);
    if (is_picture) this.source = source;
    else track.enabled = !this.#muted;
    // Not sent for tracks that this page stops itself.
    track.addEventListener("ended", () => void this.#onEnded(track), { once: true });
    if (is_picture) this.#watchDark(track);
    this.onTrack(track);
    if (!is_picture) this.#meter.follow(track);
  }

  /** @param {MediaStreamTrack} track */
  #drop(track) {
    this.stream.removeTrack(track);
    track.stop();
  }

  /** A screen may be dark by right: its window is hidden. @param {MediaStreamTrack} track */
  #watchDark(track) {
    const source = this.source;
    const follow = () => {
      const dark = source === "camera" && track.muted;
      if (dark === this.#dark || !this.stream.getTracks().includes(track)) return;
      this.#dark = dark;
      this.onDark(dark);
    };
    track.addEventListener("mute", follow);
    track.addEventListener("unmute", follow);
    follow();
  }

  /** @param {MediaStreamTrack} track */
  async #onEnded(track) {
    if (!this.stream.getTracks().includes(track)) return;
    if (track.kind === "video" && this.source === "screen") {
      this.#drop(track);
      this.source = "camera";
      this.onScreenEnded();
    } else if (track.kind === "video") await this.#losePicture(track);
    else await this.#loseSound(track);
  }

  /** @param {MediaStreamTrack} track */
  #lose(track) {
    this.#drop(track);
    this.onLost(track.kind, false);
  }

  /** Pulled out, or blocked in mid-show, which may be taken back. @param {MediaStreamTrack} track */
  async #losePicture(track) {
    const run = this.#run;
    this.#drop(track);
    const { camera } = await this.#permissions.read();
    if (run !== this.#run) return;
    if (camera === "denied") this.#refused.add("camera");
    this.onLost("video", false);
  }

  /** Sound is not missed by the eye: another microphone is taken at once. @param {MediaStreamTrack} track */
  async #loseSound(track) {
    const run = this.#run;
    this.#drop(track);
    const tracks = await this.#askAnew(run, "microphone").catch(() => []);
    if (run !== this.#run) return;
    const was_quicker = this.#has("microphone");
    this.#takeMissing("microphone", tracks);
    if (!was_quicker) this.onLost("audio", tracks.length > 0);
  }
}
