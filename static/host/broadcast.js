/** What is on air from this browser: the camera, and the WHIP publisher that sends it. */

import { useEffect, useState } from "../vendor/preact.js";
import { WhipPublisher } from "../lib/media/whip.js";
import { Camera } from "./camera.js";
import { OnAirMark } from "./on_air_mark.js";

/** @typedef {"off" | "connecting" | "good" | "fair" | "poor" | "away" | "taken"} Health */

/** The publisher's state in one word for people. @type {Record<import("../lib/media/whip.js").WhipState, Health>} */
const WORDS = { idle: "off", connecting: "connecting", live: "good", reconnecting: "connecting", occupied: "taken", failed: "away", left: "off" };
const STATS_MS = 2_000;

export class Broadcast {
  camera = new Camera();
  #show_id;
  #loadKey;
  #environment;
  #mark;
  /** @type {WhipPublisher | null} */
  #publisher = null;
  /** @type {Health} */
  #health = "off";
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #watch;
  /** @type {() => Promise<boolean>} asks the host whether to take over from another publisher */
  askTakeover = async () => false;

  /**
   * @param {string} show_id
   * @param {() => Promise<{key: string, whip_url: string}>} loadKey
   * @param {object} [wiring] for tests
   * @param {Partial<import("../lib/media/media_session.js").Environment>} [wiring.environment]
   * @param {Pick<OnAirMark, "isFresh" | "renew" | "leave" | "clear">} [wiring.mark]
   */
  constructor(show_id, loadKey, { environment = {}, mark = new OnAirMark(show_id) } = {}) {
    this.#show_id = show_id;
    this.#loadKey = loadKey;
    this.#environment = environment;
    this.#mark = mark;
    this.camera.onTrack = (track) => void this.#publisher?.replace(/** @type {"audio" | "video"} */ (track.kind), track);
  }

  /** @returns {Health} */
  get health() {
    return this.#health;
  }

  get publishing() {
    return this.#publisher !== null;
  }

  /** Whether this tab was on air a moment ago, when the page was loaded again: then it goes on by itself. */
  get wasOnAir() {
    return this.#mark.isFresh;
  }

  /** @param {() => void} listener @returns {() => void} */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Why the last attempt came to nothing, or what was on air is no more, as a key, or "". */
  trouble = "";

  /**
   * Sends the camera's stream; comes back by itself until `end` or `close`.
   * @returns {Promise<boolean>} whether it is on the air; false also when somebody else sends and is left alone
   */
  async publish() {
    if (this.#publisher) return true;
    const { stream } = this.camera;
    if (!stream.getTracks().some(({ readyState }) => readyState === "live")) {
      this.#end("broadcast.no_picture");
      return false;
    }
    this.trouble = "";
    const publisher = new WhipPublisher({
      url: `/whip/${encodeURIComponent(this.#show_id)}`,
      key: async () => (await this.#loadKey()).key,
      layers: true,
      environment: this.#environment,
    });
    publisher.subscribe(() => void this.#changed(publisher));
    this.#publisher = publisher;
    // A page that was loaded again sent this show a moment ago, and its goodbye may still be on the way.
    publisher.publish(stream, { take_over: this.wasOnAir });
    this.#watch = setInterval(() => void this.#measure(publisher), STATS_MS);
    await this.#settled(publisher);
    return publisher === this.#publisher && publisher.state === "live";
  }

  /** The show is over, or somebody else sends it now. */
  end() {
    this.#end("");
  }

  /** The host leaves the studio; the show does not end. A reload does not come here: it goes on by itself. */
  close() {
    this.#end("");
    this.camera.stop();
  }

  /** The page goes: closed, or loaded again. */
  leavePage() {
    this.#mark.leave();
  }

  /** The room says that the media process changed. */
  mediaMoved() {
    this.#publisher?.restart();
  }

  /** @param {WhipPublisher} publisher @returns {Promise<void>} when it is on the air, has failed or was given up */
  #settled(publisher) {
    return new Promise((resolve) => {
      const stop = publisher.subscribe(({ state }) => {
        // "occupied" is a question to the host, not an end.
        if (state === "connecting" || state === "reconnecting" || state === "occupied") return;
        stop();
        resolve();
      });
    });
  }

  /** @param {WhipPublisher} publisher */
  async #changed(publisher) {
    if (publisher !== this.#publisher) return;
    if (publisher.state === "failed") return this.#end(`broadcast.${publisher.failure ?? "refused"}`);
    if (publisher.state === "live") this.#mark.renew();
    this.#set(WORDS[publisher.state]);
    if (publisher.state !== "occupied") return;
    // A page that is loaded again now does not take the show back unasked.
    this.#mark.clear();
    const yes = await this.askTakeover();
    if (publisher !== this.#publisher) return;
    if (yes) publisher.takeOver();
    else this.end();
  }

  /** @param {string} trouble */
  #end(trouble) {
    this.#mark.clear();
    clearInterval(this.#watch);
    const publisher = this.#publisher;
    this.#publisher = null;
    publisher?.leave();
    this.trouble = trouble;
    this.#health = "off";
    this.#tell();
  }

  /** @param {WhipPublisher} publisher */
  async #measure(publisher) {
    const { health } = await publisher.stats();
    if (publisher !== this.#publisher || publisher.state !== "live") return;
    this.#mark.renew();
    if (health !== "offline") this.#set(health);
  }

  /** @param {Health} health */
  #set(health) {
    if (health === this.#health) return;
    this.#health = health;
    this.#tell();
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}

/**
 * The stream's health: of this browser's broadcast, else what the room hears of another publisher (OBS).
 * @param {Broadcast} broadcast
 * @param {"live" | "away" | "off"} host
 * @returns {Health}
 */
export function useHealth(broadcast, host) {
  useChanges(broadcast);
  if (broadcast.publishing) return broadcast.health;
  return host === "live" ? "good" : host;
}

/** Why nothing is sent from here any more, or was not to begin with, as a key, or "". @param {Broadcast} broadcast @returns {string} */
export function useTrouble(broadcast) {
  useChanges(broadcast);
  return broadcast.trouble;
}

/** @param {Broadcast} broadcast */
function useChanges(broadcast) {
  const [, redraw] = useState(0);
  useEffect(() => broadcast.subscribe(() => redraw((count) => count + 1)), [broadcast]);
}
