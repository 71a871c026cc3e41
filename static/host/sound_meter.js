/** How loud a microphone is, told ten times a second. Browsers may refuse to measure: then nothing is told. */

const METER_MS = 100;

export class SoundMeter {
  #onLevel;
  /** @type {AudioContext | null} */
  #audio = null;
  /** @type {MediaStreamAudioSourceNode | null} */
  #from = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {(level: number) => void} onLevel 0 to 1 */
  constructor(onLevel) {
    this.#onLevel = onLevel;
  }

  /** Measures this track from now on, and no other. Never throws. @param {MediaStreamTrack} track */
  follow(track) {
    clearInterval(this.#timer);
    this.#from?.disconnect();
    this.#from = null;
    // A context keeps its sample rate, and Firefox takes no track of another one: a fresh one may fit.
    if (!this.#connect(track)) this.#connect(track);
  }

  /** It may only run after a press, in browsers that say so. */
  wake() {
    if (this.#audio?.state === "suspended") void this.#audio.resume();
  }

  stop() {
    clearInterval(this.#timer);
    this.#from = null;
    void this.#audio?.close();
    this.#audio = null;
  }

  /** @param {MediaStreamTrack} track @returns {boolean} whether it is measured */
  #connect(track) {
    try {
      this.#audio ??= new AudioContext();
      const analyser = this.#audio.createAnalyser();
      analyser.fftSize = 512;
      this.#from = this.#audio.createMediaStreamSource(new MediaStream([track]));
      this.#from.connect(analyser);
      this.#read(analyser);
      return true;
    } catch {
      this.stop();
      return false;
    }
  }

  /** @param {AnalyserNode} analyser */
  #read(analyser) {
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
      this.#onLevel(Math.min(1, Math.sqrt(power) * 3));
    }, METER_MS);
  }
}
