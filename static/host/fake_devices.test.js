/** Doubles of a machine's cameras and microphones, for the tests beside this file. */

import { FakeStream, FakeTrack } from "../lib/media/fake_media.test.js";

const KINDS = Object.freeze({ video: "videoinput", audio: "audioinput" });

/** A machine with devices that can be plugged in and pulled out. The browser's globals are its own from now on. */
export class FakeMachine {
  /** @type {{kind: string, deviceId: string}[]} */
  devices = [];
  /** @type {DeviceTrack[]} those that run */
  open = [];
  /** What was asked for, oldest first. */
  asked = [];
  /** Each request waits for this. @type {Promise<void> | null} */
  gate = null;
  /** One camera runs at a time, as in many phones. */
  one_camera = false;
  /** Devices that cannot be started, by id. @type {Set<string>} */
  broken = new Set();
  /** What the browser was told; who is asked ("prompt") says no. @type {Record<string, string>} */
  told = { camera: "granted", microphone: "granted" };
  /** Each look at what the browser was told waits for this. @type {Promise<void> | null} */
  permissions_gate = null;
  #statuses = [];
  /** How many sound meters cannot be built from now on (other sample rate). */
  meters_failing = 0;
  /** The audio contexts that were made, oldest first. */
  contexts = [];

  /** @param {...string} ids "v_..." is a camera, "a_..." a microphone */
  constructor(...ids) {
    ids.forEach((id) => this.plug(id));
    const machine = this;
    const mediaDevices = {
      getUserMedia: (wanted) => machine.#give(wanted),
      getDisplayMedia: () => machine.#screen(),
      enumerateDevices: async () => [...machine.devices],
    };
    Object.defineProperty(globalThis, "navigator", { value: { mediaDevices, permissions: { query: ({ name }) => machine.#status(name) } }, configurable: true });
    const browser = /** @type {any} */ (globalThis);
    browser.MediaStream = FakeStream;
    browser.AudioContext = class extends FakeContext {
      constructor() { super(machine); }
    };
  }
  /** @param {string} id */
  plug(id) {
    this.devices.push({ kind: id.startsWith("v") ? KINDS.video : KINDS.audio, deviceId: id });
  }
  /** Pulls a device out: its tracks end, and the browser says so. @param {string} id */
  async pull(id) {
    this.devices = this.devices.filter(({ deviceId }) => deviceId !== id);
    for (const track of this.open.filter((one) => one.id === id)) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    await this.settle();
  }
  /** Lets everything happen that follows from what was done. */
  async settle() {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  /** @returns {string[]} ids of the devices that run */
  get running() { return this.open.map(({ id }) => id).sort(); }

  /** Tells the browser something else, which ends what it gives no more. @param {string} device @param {string} state */
  async tell(device, state) {
    this.told[device] = state;
    const kind = device === "camera" ? "video" : "audio";
    for (const track of state === "granted" ? [] : this.open.filter((one) => one.kind === kind)) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    for (const status of this.#statuses.filter(({ name }) => name === device)) status.onchange?.();
    await this.settle();
  }
  async #status(name) {
    const told = this.told;
    await this.permissions_gate;
    const status = { name, onchange: null, get state() { return told[name]; } };
    this.#statuses.push(status);
    return status;
  }

  async #give({ video, audio }) {
    this.asked.push({ video, audio });
    await this.gate;
    for (const [kind, wanted] of [["audio", audio], ["video", video]]) {
      // A browser looks for devices before it looks at what is allowed.
      if (wanted && !this.devices.some((one) => one.kind === KINDS[kind])) throw new DOMException("", "NotFoundError");
    }
    if ((audio && this.told.microphone !== "granted") || (video && this.told.camera !== "granted")) throw new DOMException("", "NotAllowedError");
    const found = [["audio", audio], ["video", video]].filter(([, wanted]) => wanted).map(([kind, wanted]) => [kind, this.#pick(kind, wanted)]);
    return new FakeStream(found.map(([kind, id]) => new DeviceTrack(this, kind, id)));
  }
  async #screen() {
    await this.gate;
    return new FakeStream([new DeviceTrack(this, "video", "screen")]);
  }
  #pick(kind, wanted) {
    const all = this.devices.filter((one) => one.kind === KINDS[kind]).map(({ deviceId }) => deviceId);
    if (!all.length) throw new DOMException("", "NotFoundError");
    const { exact, ideal } = wanted.deviceId ?? {};
    if (exact && !all.includes(exact)) throw new DOMException("", "OverconstrainedError");
    const id = exact ?? (all.includes(ideal) ? ideal : all[0]);
    const taken = this.one_camera && kind === "video" && this.open.some((track) => track.kind === "video" && track.id !== id);
    if (taken || this.broken.has(id)) throw new DOMException("", "NotReadableError");
    return id;
  }
}

export class DeviceTrack extends FakeTrack {
  enabled = true;
  muted = false;
  contentHint = "";
  constructor(machine, kind, id) {
    super(kind);
    this.machine = machine;
    this.id = id;
    machine.open.push(this);
  }
  getSettings() { return { deviceId: this.id }; }
  stop() {
    this.readyState = "ended";
    this.machine.open = this.machine.open.filter((one) => one !== this);
  }
}

class FakeContext {
  state = "running";
  connected = 0;
  constructor(machine) {
    this.machine = machine;
    machine.contexts.push(this);
  }
  createAnalyser() { return { fftSize: 0, disconnect() {}, getFloatTimeDomainData: (samples) => samples.fill(0.1) }; }
  createMediaStreamSource() {
    if (this.machine.meters_failing > 0) {
      this.machine.meters_failing -= 1;
      throw new DOMException("other sample rate", "NotSupportedError");
    }
    return { connect: () => { this.connected += 1; }, disconnect: () => { this.connected -= 1; } };
  }
  async close() { this.state = "closed"; }
}
