/** What a player makes of its counters: does the picture run, stand still, is it held back, or does nothing come? Pure. */

import { LONGEST_SAMPLE_GAP_MS } from "./media_session.js";

/** @typedef {{frames_decoded: number, video_bytes: number, audio_bytes: number, nacks: number}} Progress */

export const STALL_MS = 3_000;
/** Where packets are being lost it is the line: a new session would bring it more of what it has no room for. */
const LOSSY_STALL_MS = 12_000;
const LOSSY_MS = 2_000;
/** Requests in a sample; a few now and then are nothing. */
const LOSSY_NACKS = 2;
/** What was held back for so long is tried again by the server: it has so long to show a picture, or to be held again. */
const HELD_SPELL_MS = 5_000;
const TRIAL_MS = 8_000;
/** Without a packet of the picture for so long, while the sound goes on, it is held back. */
const HELD_MS = 1_500;

/** Tells a picture that stands still from one that runs, from sound alone and from silence. Pure. */
export class StallDetector {
  #moved_at_ms = -1;
  #seen_at_ms = -1;
  #lost_at_ms = Number.NEGATIVE_INFINITY;
  #trial_until_ms = Number.NEGATIVE_INFINITY;
  #heard_at_ms = -1;
  #sampled_at_ms = -1;
  /** @type {Progress} */
  #last = { frames_decoded: 0, video_bytes: 0, audio_bytes: 0, nacks: 0 };

  /**
   * @param {number} now_ms
   * @param {Progress} progress counters of this session
   * @param {number} [limit_ms]
   * @returns {"running" | "stalled" | "held" | "silent"} stalled = the picture's packets come but no picture; held =
   *   the sound's come alone: the server has no picture for this line, or nobody has; silent = nothing comes
   */
  sample(now_ms, progress, limit_ms = STALL_MS) {
    const blind = this.#sampled_at_ms < 0 || now_ms - this.#sampled_at_ms > LONGEST_SAMPLE_GAP_MS;
    const video_came = progress.video_bytes > this.#last.video_bytes;
    const audio_came = progress.audio_bytes > this.#last.audio_bytes;
    // A show without video, or whose codec this browser cannot play, is heard: that is progress too.
    const moved = progress.frames_decoded > this.#last.frames_decoded || (audio_came && progress.video_bytes === 0);
    if (video_came && !blind && now_ms - this.#seen_at_ms >= HELD_SPELL_MS) this.#trial_until_ms = now_ms + TRIAL_MS;
    if (blind || moved) this.#moved_at_ms = now_ms;
    if (blind || video_came) this.#seen_at_ms = now_ms;
    if (blind || video_came || audio_came) this.#heard_at_ms = now_ms;
    if (progress.nacks >= this.#last.nacks + LOSSY_NACKS) this.#lost_at_ms = now_ms;
    this.#sampled_at_ms = now_ms;
    this.#last = progress;
    const still_ms = now_ms - this.#moved_at_ms;
    if (still_ms < limit_ms) return "running";
    if (now_ms - this.#heard_at_ms >= limit_ms) return "silent";
    if (now_ms - this.#seen_at_ms >= HELD_MS) return "held";
    const is_lossy = now_ms - this.#lost_at_ms < LOSSY_MS && still_ms < LOSSY_STALL_MS;
    return is_lossy || now_ms < this.#trial_until_ms ? "running" : "stalled";
  }
}
