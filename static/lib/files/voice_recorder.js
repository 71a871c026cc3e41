/** Records a voice note with the browser's own recorder; the server writes it anew so that all browsers play it. */

/** A minute, as the server takes it. */
export const MAX_VOICE_MS = 60_000;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const BITS_PER_S = 32_000;

/** @returns {boolean} whether this browser can record at all */
export function canRecord() {
  return typeof MediaRecorder === "function" && !!navigator.mediaDevices?.getUserMedia;
}

/**
 * The first of the kinds the server takes that the browser can make.
 * @param {(kind: string) => boolean} supported
 * @returns {string} "" leaves it to the browser
 */
export function bestKind(supported) {
  return KINDS.find(supported) ?? "";
}

export class VoiceRecorder {
  #stream;
  #recorder;
  /** @type {Blob[]} */
  #parts = [];

  /** @param {MediaStream} stream @param {MediaRecorder} recorder */
  constructor(stream, recorder) {
    this.#stream = stream;
    this.#recorder = recorder;
    recorder.ondataavailable = ({ data }) => void this.#parts.push(data);
    recorder.start();
  }

  /** Asks for the microphone and begins. @returns {Promise<VoiceRecorder>} @throws {DOMException} when it may not */
  static async begin() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    const mimeType = bestKind((kind) => MediaRecorder.isTypeSupported(kind));
    try {
      return new VoiceRecorder(stream, new MediaRecorder(stream, { ...(mimeType && { mimeType }), audioBitsPerSecond: BITS_PER_S }));
    } catch (error) {
      silence(stream);
      throw error;
    }
  }

  /** @returns {Promise<Blob>} what was recorded, also when the microphone went away meanwhile; it is off */
  async end() {
    if (this.#recorder.state !== "inactive") {
      const done = new Promise((resolve) => {
        this.#recorder.onstop = resolve;
      });
      this.#recorder.stop();
      await done;
    }
    silence(this.#stream);
    return new Blob(this.#parts, { type: this.#recorder.mimeType });
  }

  /** Throws away what was recorded and switches the microphone off. */
  cancel() {
    this.#recorder.onstop = null;
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    silence(this.#stream);
  }
}

/** Switches the microphone off. @param {MediaStream} stream */
function silence(stream) {
  for (const track of stream.getTracks()) track.stop();
}
