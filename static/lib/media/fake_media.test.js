/** Doubles of the browser's media classes, and a clock the test turns, for the tests beside this file. */

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Time that passes when the test says so, timer by timer. */
export class FakeClock {
  now_ms = 1_000;
  #timers = new Map();
  #next = 1;

  set = (run, after_ms) => {
    this.#timers.set(this.#next, { run, at_ms: this.now_ms + after_ms });
    return this.#next++;
  };
  clear = (timer) => this.#timers.delete(timer);

  /** Lets this much time pass; everything that is due runs, with what follows from it. */
  async pass(length_ms) {
    const end_ms = this.now_ms + length_ms;
    await turn();
    for (;;) {
      const [id, due] = [...this.#timers].sort(([, a], [, b]) => a.at_ms - b.at_ms)[0] ?? [null, null];
      if (id === null || due.at_ms > end_ms) break;
      this.#timers.delete(id);
      this.now_ms = Math.max(this.now_ms, due.at_ms);
      due.run();
      await turn();
    }
    this.now_ms = end_ms;
    await turn();
  }
}

export class FakeTrack extends EventTarget {
  muted = true;
  readyState = "live";
  constructor(kind) {
    super();
    this.kind = kind;
  }
  flow() {
    this.muted = false;
    this.dispatchEvent(new Event("unmute"));
  }
}

export class FakeStream {
  #tracks = [];
  constructor(tracks = []) { this.#tracks = [...tracks]; }
  addTrack(track) { if (!this.#tracks.includes(track)) this.#tracks.push(track); }
  removeTrack(track) { this.#tracks = this.#tracks.filter((other) => other !== track); }
  getTracks() { return [...this.#tracks]; }
  getAudioTracks() { return this.#tracks.filter(({ kind }) => kind === "audio"); }
  getVideoTracks() { return this.#tracks.filter(({ kind }) => kind === "video"); }
}

const OFFER = "v=0\r\na=ice-ufrag:Abcd\r\na=ice-pwd:0123456789abcdefghijklmn\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=mid:0\r\n";

/** A world with one server: what it answers, and the connections that were made in it. */
export class FakeWorld {
  clock = new FakeClock();
  /** Each request that came, with its URL, method, headers and body. */
  requests = [];
  /** Every peer connection, oldest first. */
  connections = [];
  /** What the server says to a POST: a status, or [status, headers], or "down". Called each time. */
  answer = () => 201;
  /** Whether new connections come up and bring media by themselves. */
  reachable = true;
  flowing = true;
  /** False = sound only. */
  pictures = true;
  /** Packets of pictures come, and nothing can be made of them. */
  undecoded = false;
  /** The type of the own candidate that media take. */
  candidateType = "host";
  /** How many packets connections have asked for again. */
  nacks = 0;
  chance = 0.5;

  get environment() {
    const world = this;
    return {
      now_ms: () => world.clock.now_ms,
      setTimer: world.clock.set,
      clearTimer: world.clock.clear,
      random: () => world.chance,
      fetch: (url, options) => world.#serve(url, options),
      MediaStream: FakeStream,
      RTCPeerConnection: class extends FakeConnection {
        constructor(configuration) { super(world, configuration); }
      },
    };
  }

  get posts() { return this.requests.filter(({ method }) => method === "POST"); }
  get deletes() { return this.requests.filter(({ method }) => method === "DELETE"); }
  get last() { return this.connections.at(-1); }

  async #serve(url, { method, headers, body, signal }) {
    this.requests.push({ url, method, headers, body, at_ms: this.clock.now_ms });
    if (method !== "POST") return { status: 200, headers: new Headers(), url, text: async () => "" };
    const cut = new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new DOMException("cut", "AbortError"))));
    const said = await Promise.race([this.answer(this.posts.length), cut]);
    if (said === "down") throw new TypeError("Failed to fetch");
    const [status, more] = Array.isArray(said) ? said : [said, {}];
    const location = status === 201 ? { Location: `/session/${this.posts.length}` } : {};
    return { status, headers: new Headers({ ...location, ...more }), url, text: async () => "v=0\r\n" };
  }
}

class FakeConnection {
  connectionState = "new";
  onconnectionstatechange = null;
  ontrack = null;
  frames = 0;
  video_bytes = 0;
  audio_bytes = 0;
  bytes_from_server = 0;
  transceivers = [];
  #began_ms = null;

  constructor(world, configuration = {}) {
    this.world = world;
    this.configuration = configuration;
    world.connections.push(this);
  }
  addTransceiver(what, how) {
    const track = new FakeTrack(typeof what === "string" ? what : what.kind);
    const transceiver = {
      ...how, receiver: { track, jitterBufferTarget: null },
      sender: { track: typeof what === "string" ? null : what, replaceTrack: async (other) => { transceiver.sender.track = other; } },
    };
    this.transceivers.push(transceiver);
    return transceiver;
  }
  getTransceivers() { return this.transceivers; }
  async createOffer() { return { type: "offer", sdp: OFFER }; }
  getConfiguration() { return this.configuration; }
  setConfiguration(configuration) { this.configuration = configuration; }
  async setLocalDescription(description) {
    this.local = this.localDescription = description;
    this.gathered_with = this.configuration.iceServers ?? [];
  }
  async setRemoteDescription(description) {
    this.remote = description;
    for (const { receiver } of this.transceivers) this.ontrack?.({ track: receiver.track });
    if (this.world.reachable) this.become("connected");
  }
  become(state) {
    this.connectionState = state;
    if (state === "connected") this.#began_ms = this.world.clock.now_ms;
    this.onconnectionstatechange?.();
  }
  close() {
    this.connectionState = "closed";
    for (const { receiver } of this.transceivers) receiver.track.readyState = "ended";
  }
  /** 30 frames a second since the last look, as long as the world lets media flow. */
  async getStats() {
    if (this.world.flowing && this.connectionState === "connected") {
      const frames = Math.round(((this.world.clock.now_ms - this.#began_ms) / 1000) * 30) + 1;
      if (frames > 0) for (const { receiver } of this.transceivers) if (receiver.track.muted) receiver.track.flow();
      if (this.world.pictures) {
        if (!this.world.undecoded) this.frames += frames;
        this.video_bytes += frames * 1_000;
      }
      this.audio_bytes += frames * 100;
      this.bytes_from_server += 100;
    }
    this.#began_ms = this.world.clock.now_ms;
    return new Map(Object.entries({
      v: { id: "v", type: "inbound-rtp", kind: "video", codecId: "c", framesDecoded: this.frames, bytesReceived: this.video_bytes, packetsReceived: 97, packetsLost: 3, nackCount: this.world.nacks, frameWidth: 540, frameHeight: 960 },
      a: { id: "a", type: "inbound-rtp", kind: "audio", bytesReceived: this.audio_bytes },
      c: { id: "c", type: "codec", mimeType: "video/H264" },
      o: { id: "o", type: "outbound-rtp", kind: "video", codecId: "c", bytesSent: this.video_bytes, framesSent: this.frames, framesPerSecond: this.world.pictures ? 30 : 0, qualityLimitationReason: "none" },
      r: { id: "r", type: "remote-inbound-rtp", kind: "video", roundTripTime: 0.05, fractionLost: 0.01 },
      t: { id: "t", type: "transport", bytesReceived: this.bytes_from_server },
      p: { id: "p", type: "candidate-pair", nominated: true, state: "succeeded", localCandidateId: "l" },
      l: { id: "l", type: "local-candidate", candidateType: this.world.candidateType, address: "198.51.100.7", port: 50_001, protocol: "udp" },
    }));
  }
}
