/** The host's picture and sound: camera or screen, microphone, devices that change while on air. No framework. */

const METER_MS = 100;
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

/** @typedef {"camera" | "screen"} Source */

export class Camera {
  /** One stream for the page's whole life: tracks come and go in it. */
  stream = new MediaStream();
  /** @type {Source} */
  source = "camera";
  #muted = false;
  /** @type {AudioContext | null} */
  #audio = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #meter;
  /** @type {(track: MediaStreamTrack) => void} */
  onTrack = () => {};
  /** @type {(level: number) => void} 0 to 1, ten times a second */
  onLevel = () => {};
  /** @type {() => void} the screen is no longer shared (its own "stop sharing" was pressed) */
  onScreenEnded = () => {};
  /** @type {(kind: string) => void} a device was pulled out or taken away: "audio" or "video" */
  onLost = () => {};
  /** What was chosen last, so that coming back from the screen is coming back to it. @type {{camera?: string, microphone?: string}} */
  #chosen = {};

  /** @returns {boolean} */
  get muted() {
    return this.#muted;
  }

  /**
   * Starts camera and microphone. Without a microphone there is a picture alone, which is more than nothing.
   * @throws {DOMException} when the browser refuses, e.g. `NotAllowedError`, `NotFoundError`
   */
  async start() {
    const sound = this.#soundWanted();
    let fresh;
    try {
      fresh = await navigator.mediaDevices.getUserMedia({ video: this.#pictureWanted(), audio: sound });
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotFoundError") throw error;
      fresh = await navigator.mediaDevices.getUserMedia({ video: this.#pictureWanted() });
    }
    this.source = "camera";
    for (const track of fresh.getTracks()) this.#take(track);
  }

  /** Another camera, or back from the screen; the microphone goes on untouched. @param {string} [device] @throws {DOMException} */
  async useCamera(device = this.#chosen.camera) {
    const before = this.#chosen.camera;
    this.#chosen.camera = device;
    try {
      const [track] = (await navigator.mediaDevices.getUserMedia({ video: this.#pictureWanted() })).getVideoTracks();
      this.source = "camera";
      this.#take(track);
    } catch (error) {
      this.#chosen.camera = before;
      throw error;
    }
  }

  /** Another microphone; the picture goes on untouched. @param {string} device @throws {DOMException} */
  async useMicrophone(device) {
    const before = this.#chosen.microphone;
    this.#chosen.microphone = device;
    try {
      const [track] = (await navigator.mediaDevices.getUserMedia({ audio: this.#soundWanted() })).getAudioTracks();
      this.#take(track);
    } catch (error) {
      this.#chosen.microphone = before;
      throw error;
    }
  }

  /** @param {"audio" | "video"} kind @returns {string} id of the device in use, "" when none is */
  device(kind) {
    const track = this.stream.getTracks().find((one) => one.kind === kind);
    return track?.getSettings().deviceId ?? "";
  }

  /** The sound meter may only run after a press, in browsers that say so. */
  wake() {
    if (this.#audio?.state === "suspended") void this.#audio.resume();
  }

  #pictureWanted() {
    return { ...VIDEO, ...(this.#chosen.camera && { deviceId: { exact: this.#chosen.camera } }) };
  }

  #soundWanted() {
    return this.#chosen.microphone ? { deviceId: { exact: this.#chosen.microphone } } : true;
  }

  /** Shows a screen or window instead of the camera; the microphone stays. */
  async shareScreen() {
    const fresh = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: false });
    const [track] = fresh.getVideoTracks();
    track.contentHint = "detail";
    this.source = "screen";
    this.#take(track);
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.#muted = muted;
    for (const track of this.stream.getAudioTracks()) track.enabled = !muted;
  }

  /** @returns {Promise<{cameras: MediaDeviceInfo[], microphones: MediaDeviceInfo[]}>} */
  async devices() {
    const all = await navigator.mediaDevices.enumerateDevices();
    return { cameras: all.filter(({ kind }) => kind === "videoinput"), microphones: all.filter(({ kind }) => kind === "audioinput") };
  }

  stop() {
    clearInterval(this.#meter);
    for (const track of this.stream.getTracks()) track.stop();
    void this.#audio?.close();
    this.#audio = null;
    this.#analyser = null;
  }

  /** @param {MediaStreamTrack} track */
  #take(track) {
    for (const old of this.stream.getTracks().filter(({ kind }) => kind === track.kind)) {
      this.stream.removeTrack(old);
      old.stop();
    }
    this.stream.addTrack(track);
    const source = track.kind === "video" ? this.source : "camera";
    // Not sent for tracks that this page stops itself.
    track.addEventListener("ended", () => (source === "screen" ? this.onScreenEnded() : this.onLost(track.kind)), { once: true });
    if (track.kind === "audio") {
      track.enabled = !this.#muted;
      this.#measure(track);
    }
    this.onTrack(track);
  }

  /** @param {MediaStreamTrack} track */
  #measure(track) {
    this.#audio ??= new AudioContext();
    this.#analyser ??= this.#audio.createAnalyser();
    this.#analyser.disconnect();
    this.#analyser.fftSize = 512;
    this.#audio.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
    const samples = new Float32Array(this.#analyser.fftSize);
    clearInterval(this.#meter);
    this.#meter = setInterval(() => {
      this.#analyser?.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
      this.onLevel(Math.min(1, Math.sqrt(power) * 3));
    }, METER_MS);
  }
}
