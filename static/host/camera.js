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
  /** @type {() => void} the screen was no longer shared: the camera is back */
  onScreenEnded = () => {};

  /** @returns {boolean} */
  get muted() {
    return this.#muted;
  }

  /**
   * @param {{camera?: string, microphone?: string}} [devices] device ids
   * @throws {DOMException} when the browser refuses, e.g. `NotAllowedError`, `NotFoundError`
   */
  async start({ camera, microphone } = {}) {
    const wanted = { video: { ...VIDEO, ...(camera && { deviceId: { exact: camera } }) }, audio: microphone ? { deviceId: { exact: microphone } } : true };
    const fresh = await navigator.mediaDevices.getUserMedia(wanted);
    this.source = "camera";
    for (const track of fresh.getTracks()) this.#take(track);
  }

  /** Shows a screen or window instead of the camera; the microphone stays. */
  async shareScreen() {
    const fresh = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio: false });
    const [track] = fresh.getVideoTracks();
    track.contentHint = "detail";
    track.addEventListener("ended", () => this.onScreenEnded(), { once: true });
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
  }

  /** @param {MediaStreamTrack} track */
  #take(track) {
    for (const old of this.stream.getTracks().filter(({ kind }) => kind === track.kind)) {
      this.stream.removeTrack(old);
      old.stop();
    }
    this.stream.addTrack(track);
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
