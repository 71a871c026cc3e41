/**
 * Publishes a stream over WHIP and keeps it on the air. No DOM.
 *
 *   idle -> connecting -> live <-> reconnecting
 *               |                       |
 *               +---> occupied <--------+      somebody else publishes this show: `takeOver` or `retry`
 *               +---> failed   <--------+      wrong key or none to be had, no such show: `failure` says which
 *   leave -> left                              the show stays, viewers see "host away"; ending it is the shop's API
 */

import { Backoff } from "../backoff.js";
import { lineHealth } from "./line_health.js";
import { BitRate, CONNECT_LIMIT_MS, DOUBT_MS, LONGEST_SAMPLE_GAP_MS, MediaSession, Pause, Refusal, SAMPLE_MS, browserEnvironment, soonAtFirst_ms, withStartRate } from "./media_session.js";

/** @typedef {"idle" | "connecting" | "live" | "reconnecting" | "occupied" | "failed" | "left"} WhipState */
/** @typedef {import("./media_session.js").Failure} WhipFailure */
/** @typedef {"good" | "fair" | "poor" | "offline"} Health */
/**
 * @typedef {object} WhipDigest what the statistics come to
 * @property {number} bits_per_s sent, since the digest before
 * @property {number | null} round_trip_ms
 * @property {number} loss share of packets the server missed, 0 to 1
 * @property {number} frames_per_s
 * @property {boolean} is_due frames are due all the time: of a camera that is on, not of a screen, which may be at rest
 * @property {number} samples_without_frame how many digests in a row found no frame sent since the one before
 * @property {number} width_px
 * @property {number} height_px
 * @property {string | null} limited_by "bandwidth", "cpu", "other" or null
 * @property {string | null} video_codec
 * @property {Health} health one word for it all
 */

const DEAF_MS = 3_000;
const YOUNG_MS = 2_000;
const OWN_GHOST_TRIES = 4;
/** A quarter and half of the width, from the smallest; the whole picture follows them. */
const SMALLER_LAYERS = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 600_000 },
];
const START_KBIT_PER_S = 1_000;
const MAX_VIDEO_BITS_PER_S = 2_500_000;
const STILL_SAMPLES = 2;
/** What a page says of a picture that is read rather than looked at (W3C mst-content-hint). */
const SCREEN_HINTS = Object.freeze(["detail", "text"]);

/**
 * One word for the state of the way to the server. Pure.
 * @param {Omit<WhipDigest, "health">} digest
 * @returns {Exclude<Health, "offline">}
 */
export function healthOf({ loss, round_trip_ms, limited_by, frames_per_s, is_due, samples_without_frame }) {
  const line = lineHealth(loss, round_trip_ms ?? 0);
  const slow = samples_without_frame >= STILL_SAMPLES || (frames_per_s > 0 && frames_per_s < 10);
  if (line === "poor" || (is_due && slow)) return "poor";
  return limited_by === "bandwidth" || limited_by === "cpu" ? "fair" : line;
}

export class WhipPublisher {
  #url;
  #key;
  #video_codecs;
  #layers;
  #max_video_bits_per_s;
  #environment;
  #pause;
  #backoff;
  /** @type {WhipState} */
  #state = "idle";
  /** @type {WhipFailure | null} */
  #failure = null;
  /** @type {MediaSession | null} */
  #session = null;
  /** @type {Map<"audio" | "video", MediaStreamTrack | null>} */
  #tracks = new Map();
  /** @type {Set<(publisher: WhipPublisher) => void>} */
  #listeners = new Set();
  #run = 0;
  #tries = 0;
  #was_live = false;
  #take_over = false;
  #anew = false;
  #answered_at_ms = 0;
  #last_key = "";
  #bit_rate = new BitRate();
  /** @type {{frames: number, samples: number} | null} frames sent, and how many digests in a row found no more */
  #still = null;

  /**
   * @param {object} options
   * @param {string} options.url the show's WHIP address
   * @param {() => string | Promise<string>} options.key gives the show's stream key; asked again only when one is refused.
   *   An error with a `status` of 4xx is final, as the server's own would be
   * @param {string[]} [options.video_codecs] by preference; H264 first, since every viewer plays it and phones have
   *   it in hardware
   * @param {number} [options.max_video_bits_per_s]
   * @param {boolean} [options.layers] sends the picture in three sizes (simulcast, RFC 8853), so that viewers on slow
   *   lines get a small one
   * @param {Partial<import("./media_session.js").Environment>} [options.environment] for tests
   */
  constructor({ url, key, video_codecs = ["video/H264", "video/VP8"], max_video_bits_per_s = MAX_VIDEO_BITS_PER_S, layers = false, environment = {} }) {
    this.#url = url;
    this.#key = key;
    this.#video_codecs = video_codecs;
    this.#max_video_bits_per_s = max_video_bits_per_s;
    this.#layers = layers;
    this.#environment = browserEnvironment(environment);
    this.#pause = new Pause(this.#environment);
    this.#backoff = new Backoff(this.#environment.random);
  }

  /** @returns {WhipState} */
  get state() {
    return this.#state;
  }

  /** Why `state` is "failed", else null. @returns {WhipFailure | null} */
  get failure() {
    return this.#failure;
  }

  /**
   * Calls the listener at each change of state.
   * @param {(publisher: WhipPublisher) => void} listener
   * @returns {() => void} stops it
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Goes on the air with a stream's first audio and first video track; a kind it lacks can be added with `replace`.
   * @param {MediaStream} stream
   * @param {{take_over?: boolean}} [how] takes the show over from whoever publishes it
   */
  publish(stream, { take_over = false } = {}) {
    this.#tracks = new Map([["audio", stream.getAudioTracks()[0] ?? null], ["video", stream.getVideoTracks()[0] ?? null]]);
    this.#begin(take_over);
  }

  /** Out of "occupied": takes the show over from the other publisher. */
  takeOver() {
    if (this.#state === "occupied") this.#begin(true);
  }

  /** Out of "occupied" or "failed": tries once more, politely. */
  retry() {
    if (this.#state === "occupied" || this.#state === "failed") this.#begin(false);
  }

  /**
   * Sends another track of a kind from now on, without a new session: another camera, the screen, or null for none.
   * @param {"audio" | "video"} kind
   * @param {MediaStreamTrack | null} track
   */
  async replace(kind, track) {
    this.#tracks.set(kind, track);
    const sender = this.#session?.connection.getTransceivers().find((each) => each.receiver.track.kind === kind)?.sender;
    await sender?.replaceTrack(track);
  }

  /**
   * Makes a new session at once, as the room's `media_moved` asks. One that is being made, or was moments ago, is
   * probably at the right place already, since its request may be what moved the show: it goes on if it hears the
   * server within a second after the answer.
   */
  restart() {
    if (!["connecting", "live", "reconnecting"].includes(this.#state)) return;
    const session = this.#session;
    if (session === null || session.closed || this.#environment.now_ms() - this.#answered_at_ms > YOUNG_MS) this.#startAnew();
    else void this.#doubt(session);
  }

  #startAnew() {
    this.#anew = true;
    this.#pause.cut();
  }

  /** @param {MediaSession} session */
  async #doubt(session) {
    const bytes = await bytesHeard(session);
    this.#environment.setTimer(async () => {
      if (session !== this.#session || session.closed || (await bytesHeard(session)) !== bytes) return;
      if (this.#answered_at_ms === Infinity) void this.#doubt(session);
      else this.#startAnew();
    }, DOUBT_MS);
  }

  /**
   * Goes off the air; the show stays and viewers see that the host is away. Also right while the page is being left:
   * a reload then finds the door free.
   */
  leave() {
    this.#run += 1;
    this.#session?.close();
    this.#session = null;
    this.#pause.cut();
    if (this.#state !== "idle") this.#enter("left");
  }

  /**
   * The statistics in one flat object; health "offline" and zeros while not on the air.
   * @returns {Promise<WhipDigest>}
   */
  async stats() {
    const session = this.#session;
    const report = session === null || session.closed ? new Map() : await session.connection.getStats();
    const digest = this.#digest([...report.values()]);
    return { ...digest, health: this.#state === "live" ? healthOf(digest) : "offline" };
  }

  /** @param {boolean} take_over */
  #begin(take_over) {
    this.#session?.close();
    this.#session = null;
    this.#run += 1;
    this.#tries = 0;
    this.#was_live = false;
    this.#take_over = take_over;
    this.#backoff.reset();
    this.#pause.cut();
    this.#enter("connecting");
    void this.#live(this.#run);
  }

  /** @param {WhipState} state */
  #enter(state) {
    if (state !== "failed") this.#failure = null;
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(this);
  }

  /** One life, from `publish` to `leave`. @param {number} run */
  async #live(run) {
    while (run === this.#run) {
      try {
        await this.#connect(run);
        if (run !== this.#run) return;
        this.#tries = 0;
        this.#was_live = true;
        this.#take_over = false;
        this.#backoff.reset();
        this.#enter("live");
        await this.#watch(run);
        if (run === this.#run) this.#enter("reconnecting");
      } catch (error) {
        if (run !== this.#run) return;
        if (this.#anew) continue;
        const refusal = error instanceof Refusal ? error : new Refusal(0);
        if (!refusal.temporary) return this.#fail(refusal);
        if (!(await this.#wait(refusal))) return;
      }
    }
  }

  /** @param {Refusal} refusal */
  #fail(refusal) {
    this.#failure = refusal.failure;
    this.#state = "failed";
    for (const listener of this.#listeners) listener(this);
  }

  /**
   * Waits before the next try.
   * @param {Refusal} refusal
   * @returns {Promise<boolean>} false when somebody else is on the air: only a person may decide then
   */
  async #wait(refusal) {
    this.#tries += 1;
    let wait_ms = this.#backoff.next_ms();
    if (refusal.status === 409) {
      // After a lost connection the server may still take our own old session for a living publisher, for 2 s.
      if (!this.#was_live || this.#tries > OWN_GHOST_TRIES) {
        this.#enter("occupied");
        return false;
      }
      wait_ms = 1_000;
    } else wait_ms = soonAtFirst_ms(wait_ms, this.#tries);
    await this.#pause.take(Math.max(wait_ms, Math.min(refusal.status === 409 ? 0 : refusal.retry_after_ms ?? 0, 15_000)));
    return true;
  }

  /** @param {number} run @returns {Promise<void>} @throws {Refusal} */
  async #connect(run) {
    this.#anew = false;
    // The former session ends first: two that send the same show would fight.
    this.#session?.close({ tell_server: false });
    this.#session = null;
    const known = this.#last_key;
    this.#last_key = known || (await this.#askForKey());
    if (run !== this.#run) return;
    const session = new MediaSession(this.#environment);
    this.#session = session;
    this.#answered_at_ms = Infinity;
    this.#bit_rate.begin();
    this.#still = null;
    try {
      this.#addTracks(session.connection);
      await session.open(this.#take_over ? `${this.#url}?takeover=1` : this.#url, this.#last_key, undefined, (answer) => withStartRate(answer, START_KBIT_PER_S));
      this.#answered_at_ms = this.#environment.now_ms();
      const limit_ms = this.#environment.now_ms() + CONNECT_LIMIT_MS;
      await session.connected(this.#pause, () => (this.#anew ? 0 : limit_ms - this.#environment.now_ms()));
    } catch (error) {
      session.close();
      // The key may have been changed since; a fresh one that is refused is wrong.
      if (known && error instanceof Refusal && error.status === 401) return this.#connectWithNewKey(run);
      throw error;
    }
  }

  /** @returns {Promise<string>} @throws {Refusal} when it is refused; anything else when it cannot be had just now */
  async #askForKey() {
    try {
      return await this.#key();
    } catch (error) {
      const { status = 0, retry_after_ms = null } = /** @type {{status?: number, retry_after_ms?: number | null}} */ (error ?? {});
      // 409 would be another publisher, of whom the key knows nothing.
      if (status >= 400 && status < 500 && status !== 409) throw new Refusal(status, retry_after_ms);
      throw error;
    }
  }

  /** @param {"audio" | "video"} kind @returns {RTCRtpEncodingParameters[]} */
  #encodings(kind) {
    if (kind === "audio") return [{}];
    const whole = { maxBitrate: this.#max_video_bits_per_s };
    if (!this.#layers) return [whole];
    // Of VP9 and AV1 Chromium makes one scalable stream unless each layer says that it has none within.
    const mode = /vp9|av1/i.test(this.#video_codecs[0] ?? "") ? { scalabilityMode: "L1T1" } : {};
    return [...SMALLER_LAYERS, { rid: "f", ...whole }].map((layer) => ({ ...layer, ...mode }));
  }

  /** @param {number} run @returns {Promise<void>} @throws {Refusal} */
  #connectWithNewKey(run) {
    this.#last_key = "";
    return this.#connect(run);
  }

  /** @param {RTCPeerConnection} connection */
  #addTracks(connection) {
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      const track = this.#tracks.get(kind) ?? null;
      const transceiver = connection.addTransceiver(track ?? kind, { direction: "sendonly", sendEncodings: this.#encodings(kind) });
      if (kind === "video") this.#prefer(transceiver);
    }
  }

  /** Puts the wished codecs first and keeps the others, for a server that lacks them. @param {RTCRtpTransceiver} transceiver */
  #prefer(transceiver) {
    const known = globalThis.RTCRtpSender?.getCapabilities?.("video")?.codecs ?? [];
    if (!known.length || !transceiver.setCodecPreferences) return;
    const rank = (/** @type {RTCRtpCodec} */ codec) => {
      const place = this.#video_codecs.findIndex((wished) => wished.toLowerCase() === codec.mimeType.toLowerCase());
      return place < 0 ? this.#video_codecs.length : place;
    };
    transceiver.setCodecPreferences([...known].sort((a, b) => rank(a) - rank(b)));
  }

  /**
   * Listens to the server until it is gone: it answers our checks and reports what it received at least every second,
   * so 3 s without a byte mean that nobody is there, long before ICE says so.
   * @param {number} run
   */
  async #watch(run) {
    const session = this.#session;
    if (session === null) return;
    let bytes = -1;
    let heard_ms = this.#environment.now_ms();
    let sampled_ms = heard_ms;
    while (run === this.#run && !this.#anew && session.state !== "failed" && session.state !== "closed") {
      const received = await bytesHeard(session);
      const now_ms = this.#environment.now_ms();
      if (received !== bytes || now_ms - sampled_ms > LONGEST_SAMPLE_GAP_MS) heard_ms = now_ms;
      if (now_ms - heard_ms >= DEAF_MS) return;
      bytes = received;
      sampled_ms = now_ms;
      await this.#pause.take(SAMPLE_MS);
    }
  }

  /** @param {Record<string, any>[]} entries @returns {Omit<WhipDigest, "health">} */
  #digest(entries) {
    const pictures = entries.filter(({ type, kind }) => type === "outbound-rtp" && kind === "video");
    // Of several layers the largest one that is sent speaks for the picture.
    const video = pictures.sort((a, b) => (b.frameWidth ?? 0) - (a.frameWidth ?? 0))[0] ?? {};
    const heard = entries.filter(({ type }) => type === "remote-inbound-rtp");
    const bytes = entries.filter(({ type }) => type === "outbound-rtp").reduce((sum, entry) => sum + (entry.bytesSent ?? 0), 0);
    const trip_s = heard.find(({ roundTripTime }) => roundTripTime !== undefined)?.roundTripTime;
    const limit = video.qualityLimitationReason;
    return {
      bits_per_s: this.#bit_rate.since(this.#environment.now_ms(), bytes),
      round_trip_ms: trip_s === undefined ? null : trip_s * 1000,
      loss: Math.max(0, ...heard.map(({ fractionLost }) => fractionLost ?? 0)),
      frames_per_s: video.framesPerSecond ?? 0,
      is_due: this.#isDue(),
      samples_without_frame: this.#countStill(pictures),
      width_px: video.frameWidth ?? 0,
      height_px: video.frameHeight ?? 0,
      limited_by: limit && limit !== "none" ? limit : null,
      video_codec: entries.find(({ id }) => id === video.codecId && id !== undefined)?.mimeType ?? null,
    };
  }

  #isDue() {
    const track = this.#tracks.get("video") ?? null;
    return track !== null && track.enabled !== false && !SCREEN_HINTS.includes(track.contentHint);
  }

  /** @param {Record<string, any>[]} pictures the layers @returns {number} digests in a row without a new frame */
  #countStill(pictures) {
    // NaN where a browser does not count them: never the same as before.
    const frames = pictures.reduce((sum, one) => sum + (one.framesSent ?? one.framesEncoded ?? NaN), 0);
    const before = this.#still;
    this.#still = { frames, samples: before !== null && before.frames === frames ? before.samples + 1 : 0 };
    return this.#still.samples;
  }
}

/** @param {MediaSession} session @returns {Promise<number>} bytes that came from the server on this connection */
async function bytesHeard(session) {
  const entries = [...(await session.connection.getStats()).values()];
  const transports = entries.filter(({ type }) => type === "transport");
  const counted = transports.length ? transports : entries.filter(({ type, nominated }) => type === "candidate-pair" && nominated);
  return counted.reduce((sum, entry) => sum + (entry.bytesReceived ?? 0), 0);
}
