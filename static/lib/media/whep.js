/**
 * Watches a show over WHEP and keeps it going: asks again when the server is not there, when the picture stands still,
 * and when the show moves to another media process. No DOM: the view shows `stream` and what `subscribe` tells.
 *
 *   idle -> connecting -> playing <-> reconnecting
 *              |  ^          |            |
 *              v  |          v            v
 *             away (no host, nothing pressed)      failed (only `start` leaves it)      stopped
 */

import { Backoff } from "../backoff.js";
import { Cushion } from "./cushion.js";
import { BitRate, CONNECT_LIMIT_MS, DOUBT_MS, MediaSession, Pause, Refusal, SAMPLE_MS, browserEnvironment, chosenPair, soonAtFirst_ms, takeDescriptors, withRoundTrip, withStereo } from "./media_session.js";
import { STALL_MS, StallDetector } from "./stall_detector.js";

/** @typedef {"idle" | "connecting" | "playing" | "away" | "reconnecting" | "failed" | "stopped"} WhepState */
/** @typedef {import("./media_session.js").Failure} WhepFailure */
/** @typedef {import("./stall_detector.js").Progress} Progress */
/**
 * @typedef {object} WhepDigest what the statistics come to
 * @property {number} frames_decoded of all sessions together
 * @property {number} frames_dropped
 * @property {number} freezes
 * @property {number} frozen_s
 * @property {number} width_px
 * @property {number} height_px
 * @property {number} frames_per_s
 * @property {number} bits_per_s since the digest before
 * @property {number} packets_received
 * @property {number} packets_lost
 * @property {number} loss share of packets lost, 0 to 1
 * @property {number | null} round_trip_ms
 * @property {string | null} video_codec such as "video/H264"
 * @property {string | null} audio_codec
 * @property {number | null} first_picture_ms from `start` to the first decoded frame
 * @property {number} sessions how many connections there were
 */

const AWAY_MS = 1_000;
const SHORTEST_AWAY_MS = 500;
const LONGEST_AWAY_MS = 15_000;
const SILENT_RETRIES_MS = [STALL_MS, 8_000, 15_000, 30_000];
/**
 * While the server holds the picture back a new session would only fill the line with one; so long it is waited for, and
 * up to twice that, for a host's camera that is off is the same for everybody.
 */
const HELD_RETRY_MS = 60_000;
/** After so many sessions without a decoded picture in a row it is the browser, or its hardware. */
const BLIND_SESSIONS = 2;
/** As many that cannot even be made. */
const FAULTS = 3;

export class WhepPlayer {
  #url;
  #token;
  #environment;
  #pause;
  #backoff;
  /** @type {WhepState} */
  #state = "idle";
  /** @type {WhepFailure | null} */
  #failure = null;
  /** @type {"live" | "away" | "off" | null} */
  #host = null;
  /** @type {MediaSession | null} the one that plays */
  #session = null;
  /** @type {MediaSession | null} the one that is being made */
  #attempt = null;
  /** @type {Set<(player: WhepPlayer) => void>} */
  #listeners = new Set();
  #run = 0;
  #tries = 0;
  #silent_tries = 0;
  /** Sessions in a row whose pictures came and could not be decoded. */
  #blind_tries = 0;
  /** Errors in a row that were no answer of the server. */
  #faults = 0;
  #moving = false;
  #connect_until_ms = 0;
  #sessions = 0;
  #started_at_ms = 0;
  /** @type {number | null} */
  #first_picture_ms = null;
  #sound_only = false;
  #held_since_ms = -1;
  #held_limit_ms = HELD_RETRY_MS;
  #earlier_frames = 0;
  #session_frames = 0;
  #bit_rate = new BitRate();

  /**
   * @param {object} options
   * @param {string} options.url the show's WHEP address
   * @param {(refused: boolean) => string | Promise<string>} options.token gives the WHEP token; `refused` = the last
   *   one was not accepted, get a fresh one
   * @param {Partial<import("./media_session.js").Environment>} [options.environment] for tests
   */
  constructor({ url, token, environment = {} }) {
    this.#url = url;
    this.#token = token;
    this.#environment = browserEnvironment(environment);
    this.#pause = new Pause(this.#environment);
    this.#backoff = new Backoff(this.#environment.random);
    /** Stays the same through all reconnects: give it to the video element once. */
    this.stream = new this.#environment.MediaStream();
  }

  /** @returns {WhepState} */
  get state() {
    return this.#state;
  }

  /** Why `state` is "failed", else null. @returns {WhepFailure | null} */
  get failure() {
    return this.#failure;
  }

  /** Whether sound comes but no picture that this browser can show. @returns {boolean} */
  get sound_only() {
    return this.#sound_only;
  }

  /** Whether the server sends the sound alone for now: the line has no room for a picture. @returns {boolean} */
  get held() {
    return this.#held_since_ms >= 0;
  }

  /**
   * Calls the listener at each change of state and when the tracks of `stream` change.
   * @param {(player: WhepPlayer) => void} listener
   * @returns {() => void} stops it
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to watch; does nothing while it already tries. */
  start() {
    if (!["idle", "stopped", "failed"].includes(this.#state)) return;
    this.#run += 1;
    this.#tries = this.#silent_tries = this.#blind_tries = this.#faults = 0;
    this.#started_at_ms = this.#environment.now_ms();
    this.#first_picture_ms = null;
    this.#backoff.reset();
    this.#enter("connecting");
    void this.#live(this.#run);
  }

  /** Ends watching and deletes the session at the server; safe at any time, also while the page is being left. */
  stop() {
    this.#run += 1;
    this.#attempt?.close();
    this.#session?.close();
    this.#attempt = this.#session = null;
    this.#held_since_ms = -1;
    this.#pause.cut();
    if (this.#state !== "idle") this.#enter("stopped");
  }

  /**
   * Makes a new session, as the room's `media_moved` asks; the old one plays on until the new one is there. One that is
   * being made is probably at the right place already, since its request may be what moved the show: it gets a second.
   * @param {number} [spread_ms] waits a random time up to this, so that not all viewers come at once
   */
  restart(spread_ms = 1_000) {
    if (["idle", "stopped", "failed"].includes(this.#state)) return;
    const run = this.#run;
    this.#environment.setTimer(() => {
      if (run !== this.#run) return;
      this.#silent_tries = 0;
      if (this.#attempt === null) this.#moving = true;
      else this.#connect_until_ms = Math.min(this.#connect_until_ms, this.#environment.now_ms() + DOUBT_MS);
      this.#pause.cut();
    }, this.#environment.random() * spread_ms);
  }

  /**
   * Tells the player what the room says of the host: a silent session is then no fault and is not made anew.
   * @param {"live" | "away" | "off"} host
   */
  hostIs(host) {
    const back = host === "live" && this.#host !== "live";
    this.#host = host;
    if (back && this.#state === "away") {
      this.#silent_tries = 0;
      if (this.#session === null) this.restart(SHORTEST_AWAY_MS);
    }
  }

  /**
   * The statistics in one flat object; null without a session.
   * @returns {Promise<WhepDigest | null>}
   */
  async stats() {
    const session = this.#session ?? this.#attempt;
    if (session === null || session.closed) return null;
    const report = await session.connection.getStats();
    return this.#digest(report);
  }

  /** @param {WhepState} state */
  #enter(state) {
    if (state === this.#state) return;
    this.#state = state;
    if (state !== "failed") this.#failure = null;
    this.#tell();
  }

  #tell() {
    for (const listener of this.#listeners) listener(this);
  }

  /** One life, from `start` to `stop`. @param {number} run */
  async #live(run) {
    let refused = false;
    while (run === this.#run) {
      try {
        await this.#connect(run, refused);
        refused = false;
        this.#tries = this.#faults = 0;
        this.#backoff.reset();
        await this.#watch(run);
      } catch (error) {
        if (run !== this.#run) return;
        const refusal = error instanceof Refusal ? error : new Refusal(0);
        this.#faults = error instanceof Refusal ? 0 : this.#faults + 1;
        if (this.#faults >= FAULTS) return this.#fail(refusal);
        const again = refusal.status === 401 || refusal.status === 403;
        if ((again && refused) || (!again && !refusal.temporary)) return this.#fail(refusal);
        refused = again;
        if (again) this.#lose();
        else await this.#wait(refusal);
      }
    }
  }

  /** @param {Refusal} refusal */
  #fail(refusal) {
    this.#session?.close();
    this.#session = null;
    this.#failure = refusal.failure;
    this.#enter("failed");
  }

  /** Waits before the next try; on "no publisher" as long as the server says. @param {Refusal} refusal */
  async #wait(refusal) {
    this.#tries += 1;
    let wait_ms = this.#backoff.next_ms();
    if (refusal.status === 409) {
      this.#enter("away");
      const asked_ms = Math.min(LONGEST_AWAY_MS, Math.max(SHORTEST_AWAY_MS, refusal.retry_after_ms ?? 2_000));
      wait_ms = asked_ms * (1 + this.#environment.random() / 2);
    } else {
      this.#lose();
      wait_ms = Math.max(soonAtFirst_ms(wait_ms, this.#tries), Math.min(refusal.retry_after_ms ?? 0, LONGEST_AWAY_MS));
    }
    await this.#pause.take(wait_ms);
  }

  /** The picture is gone for now. */
  #lose() {
    if (this.#state === "playing") this.#enter("reconnecting");
  }

  /**
   * Makes a session and puts it in the place of the former one.
   * @param {number} run
   * @param {boolean} refused whether the last token was
   */
  async #connect(run, refused) {
    const token = await this.#token(refused);
    if (run !== this.#run) return;
    const moved = this.#moving;
    this.#moving = false;
    const session = new MediaSession(this.#environment);
    this.#attempt = session;
    try {
      session.connection.addTransceiver("audio", { direction: "recvonly" });
      takeDescriptors(session.connection.addTransceiver("video", { direction: "recvonly" }));
      session.connection.ontrack = ({ track }) => this.#track(session, track);
      await session.open(this.#url, token, (sdp) => withRoundTrip(withStereo(sdp)));
      this.#connect_until_ms = this.#environment.now_ms() + CONNECT_LIMIT_MS;
      await session.connected(this.#pause, () => this.#connect_until_ms - this.#environment.now_ms());
    } catch (error) {
      session.close();
      throw error;
    } finally {
      if (this.#attempt === session) this.#attempt = null;
    }
    if (run !== this.#run) return session.close();
    this.#replace(session, moved);
  }

  /** @param {MediaSession} session @param {boolean} moved whether the former one's process is gone */
  #replace(session, moved) {
    this.#earlier_frames += this.#session_frames;
    this.#session_frames = 0;
    this.#bit_rate.begin();
    this.#sessions += 1;
    const former = this.#session;
    this.#session = session;
    former?.close({ tell_server: !moved });
  }

  /**
   * Takes a new track into the stream: at once when there is none of its kind, else when it brings something, so that
   * the last picture stays until then.
   * @param {MediaSession} session
   * @param {MediaStreamTrack} track
   */
  #track(session, track) {
    const take = () => {
      if (session.closed) return;
      const former = this.stream.getTracks().filter((other) => other.kind === track.kind && other !== track);
      this.stream.addTrack(track);
      for (const other of former) this.stream.removeTrack(other);
      this.#tell();
    };
    if (this.stream.getTracks().some((other) => other.kind === track.kind) && track.muted) {
      track.addEventListener("unmute", take, { once: true });
    } else take();
  }

  /** Looks at the session until it has to be replaced. @param {number} run */
  async #watch(run) {
    const session = this.#session;
    if (session === null) return;
    this.#hold(-1);
    const detector = new StallDetector();
    const cushion = new Cushion();
    const began_ms = this.#environment.now_ms();
    while (run === this.#run && !this.#moving) {
      if (session.state === "failed" || session.state === "closed") return this.#lose();
      const progress = readProgress(await session.connection.getStats());
      if (run !== this.#run) return;
      if (this.#judge(detector, progress, began_ms)) return;
      holdBack(session, cushion.sample(this.#environment.now_ms(), progress.nacks));
      await this.#pause.take(SAMPLE_MS);
    }
  }

  /**
   * @param {StallDetector} detector
   * @param {Progress} progress
   * @param {number} began_ms when the session was made
   * @returns {boolean} whether a new session is due
   */
  #judge(detector, progress, began_ms) {
    const now_ms = this.#environment.now_ms();
    const host_gone = this.#host === "away" || this.#host === "off";
    this.#session_frames = progress.frames_decoded;
    if (progress.video_bytes + progress.audio_bytes === 0) return this.#judgeSilence(now_ms - began_ms, host_gone);
    const verdict = detector.sample(now_ms, progress, host_gone ? AWAY_MS : STALL_MS);
    if (verdict === "running" || (verdict === "stalled" && !host_gone && now_ms - began_ms < this.#patience_ms(progress))) {
      this.#runs(progress, now_ms, began_ms);
      return false;
    }
    if (host_gone) {
      this.#hold(-1);
      this.#enter("away");
      return false;
    }
    if (verdict === "held" && !this.#heldTooLong(now_ms)) return false;
    if (verdict === "stalled" && progress.frames_decoded === 0) this.#blind_tries += 1;
    this.#hold(-1);
    if (verdict !== "stalled" || !this.#sound_only) this.#lose();
    return true;
  }

  /** How long a session may go without a decoded picture: longer each time. @param {Progress} progress */
  #patience_ms(progress) {
    if (progress.frames_decoded > 0) return 0;
    return SILENT_RETRIES_MS[Math.min(this.#blind_tries, SILENT_RETRIES_MS.length - 1)] ?? STALL_MS;
  }

  /** Goes on with the sound alone for a while. @param {number} now_ms @returns {boolean} whether that is over */
  #heldTooLong(now_ms) {
    if (!this.held) this.#hold(now_ms);
    this.#enter("playing");
    return now_ms - this.#held_since_ms >= this.#held_limit_ms;
  }

  /** @param {number} since_ms from when on the picture is held back; -1 = it is not */
  #hold(since_ms) {
    const changed = this.held !== since_ms >= 0;
    if (changed) this.#held_limit_ms = HELD_RETRY_MS * (1 + this.#environment.random());
    this.#held_since_ms = since_ms;
    if (changed) this.#tell();
  }

  /**
   * A session that has brought nothing at all: the host is away, or the way is dead. It is made anew at growing
   * distances, unless the room says that there is no host.
   * @param {number} silent_ms
   * @param {boolean} host_gone
   * @returns {boolean}
   */
  #judgeSilence(silent_ms, host_gone) {
    if (silent_ms >= AWAY_MS && (this.#sessions > 1 || host_gone)) this.#enter("away");
    const limit_ms = SILENT_RETRIES_MS[Math.min(this.#silent_tries, SILENT_RETRIES_MS.length - 1)] ?? STALL_MS;
    if (host_gone || silent_ms < limit_ms) return false;
    this.#silent_tries += 1;
    return true;
  }

  /** @param {Progress} progress @param {number} now_ms @param {number} began_ms */
  #runs(progress, now_ms, began_ms) {
    const seen = progress.frames_decoded > 0;
    // Sound comes a little before the first picture, on a lossy line much; only after a while is there none.
    const comes = progress.video_bytes > 0 && (this.#blind_tries < BLIND_SESSIONS || progress.audio_bytes === 0);
    if (!seen && (comes || now_ms - began_ms < STALL_MS)) return;
    this.#silent_tries = 0;
    if (seen) this.#blind_tries = 0;
    this.#hold(-1);
    if (seen) this.#first_picture_ms ??= now_ms - this.#started_at_ms;
    const changed = this.#sound_only === seen;
    this.#sound_only = !seen;
    if (changed && this.#state === "playing") this.#tell();
    this.#enter("playing");
  }

  /** @param {RTCStatsReport} report @returns {WhepDigest} */
  #digest(report) {
    const video = inbound(report, "video");
    const audio = inbound(report, "audio");
    const received = (video.packetsReceived ?? 0) + (audio.packetsReceived ?? 0);
    const lost = Math.max(0, (video.packetsLost ?? 0) + (audio.packetsLost ?? 0));
    const pair = chosenPair(report);
    return {
      frames_decoded: this.#earlier_frames + (video.framesDecoded ?? 0),
      frames_dropped: video.framesDropped ?? 0,
      freezes: video.freezeCount ?? 0,
      frozen_s: video.totalFreezesDuration ?? 0,
      width_px: video.frameWidth ?? 0,
      height_px: video.frameHeight ?? 0,
      frames_per_s: video.framesPerSecond ?? 0,
      bits_per_s: this.#bit_rate.since(this.#environment.now_ms(), (video.bytesReceived ?? 0) + (audio.bytesReceived ?? 0)),
      packets_received: received,
      packets_lost: lost,
      loss: received + lost ? lost / (received + lost) : 0,
      round_trip_ms: pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000,
      video_codec: report.get(video.codecId)?.mimeType ?? null,
      audio_codec: report.get(audio.codecId)?.mimeType ?? null,
      first_picture_ms: this.#first_picture_ms,
      sessions: this.#sessions,
    };
  }
}

/** @param {MediaSession} session @param {number | null} target_ms for sound and picture alike: lips stay in step */
function holdBack(session, target_ms) {
  for (const { receiver } of session.connection.getTransceivers()) {
    if ("jitterBufferTarget" in receiver && receiver.jitterBufferTarget !== target_ms) receiver.jitterBufferTarget = target_ms;
  }
}

/** @param {RTCStatsReport} report @param {"audio" | "video"} kind @returns {Record<string, any>} */
function inbound(report, kind) {
  return [...report.values()].find((entry) => entry.type === "inbound-rtp" && entry.kind === kind) ?? {};
}

/** @param {RTCStatsReport} report @returns {Progress} */
function readProgress(report) {
  const video = inbound(report, "video");
  return {
    frames_decoded: video.framesDecoded ?? 0,
    video_bytes: video.bytesReceived ?? 0,
    audio_bytes: inbound(report, "audio").bytesReceived ?? 0,
    nacks: video.nackCount ?? 0,
  };
}
