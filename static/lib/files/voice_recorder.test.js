import assert from "node:assert/strict";
import { test } from "node:test";
import { VoiceRecorder, bestKind, canRecord } from "./voice_recorder.js";

/** A recorder and its microphone, by hand. */
function parts() {
  let on = true;
  const stream = { getTracks: () => [{ stop: () => { on = false; } }] };
  const recorder = /** @type {any} */ ({
    state: "inactive",
    mimeType: "audio/webm",
    start() { this.state = "recording"; },
    stop() {
      this.state = "inactive";
      this.ondataavailable({ data: new Blob(["voice"]) });
      this.onstop?.();
    },
  });
  return { stream: /** @type {any} */ (stream), recorder, on: () => on };
}

test("it takes the first kind that browser and server have in common", () => {
  assert.equal(bestKind(() => true), "audio/webm;codecs=opus");
  assert.equal(bestKind((kind) => kind === "audio/mp4"), "audio/mp4");
  assert.equal(bestKind(() => false), "");
  assert.equal(canRecord(), false);
});

test("what was recorded comes whole, and the microphone is off", async () => {
  const { stream, recorder, on } = parts();
  const voice = new VoiceRecorder(stream, recorder);
  assert.deepEqual([recorder.state, on()], ["recording", true]);
  const file = await voice.end();
  assert.deepEqual([await file.text(), file.type, on()], ["voice", "audio/webm", false]);
});

test("what is thrown away leaves the microphone off", () => {
  const { stream, recorder, on } = parts();
  new VoiceRecorder(stream, recorder).cancel();
  assert.deepEqual([recorder.state, on()], ["inactive", false]);
});

test("what was recorded before the microphone went away is kept", async () => {
  const { stream, recorder, on } = parts();
  const voice = new VoiceRecorder(stream, recorder);
  recorder.stop(); // as the browser does by itself
  recorder.stop = () => { throw new Error("InvalidStateError"); };
  assert.deepEqual([await (await voice.end()).text(), on()], ["voice", false]);
});

test("where nothing can be recorded the microphone is off again", async () => {
  const { stream, on } = parts();
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  const navigator = { mediaDevices: { getUserMedia: async () => stream } };
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  globalThis.MediaRecorder = /** @type {any} */ (class {
    static isTypeSupported() { return false; }
    constructor() { throw new Error("NotSupportedError"); }
  });
  await assert.rejects(VoiceRecorder.begin(), /NotSupported/);
  assert.equal(on(), false);
  Reflect.deleteProperty(globalThis, "MediaRecorder");
  Reflect.deleteProperty(globalThis, "navigator");
  if (before) Object.defineProperty(globalThis, "navigator", before);
});
