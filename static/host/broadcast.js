/** What is on air from this browser: the camera, and the WHIP publisher that sends it. */

import { useEffect, useState } from "../vendor/preact.js";
import { WhipPublisher } from "../lib/media/whip.js";
import { Camera } from "./camera.js";

/** @typedef {"off" | "connecting" | "good" | "fair" | "poor" | "away" | "taken"} Health */

/** The publisher's state in one word for people. @type {Record<import("../lib/media/whip.js").WhipState, Health>} */
const WORDS = { idle: "off", connecting: "connecting", live: "good", reconnecting: "connecting", occupied: "taken", failed: "away", left: "off" };
const STATS_MS = 2_000;
const ON_AIR_MARK = "liveshop.on_air";

export class Broadcast {
  camera = new Camera();
  #show_id;
  #loadKey;
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

  /** @param {string} show_id @param {() => Promise<{key: string, whip_url: string}>} loadKey */
  constructor(show_id, loadKey) {
    this.#show_id = show_id;
    this.#loadKey = loadKey;
    this.camera.onTrack = (track) => void this.#publisher?.replace(/** @type {"audio" | "video"} */ (track.kind), track);
  }

  /** @returns {Health} */
  get health() {
    return this.#health;
  }

  get publishing() {
    return this.#publisher !== null;
  }

  /** Whether this tab was on air when the page was loaded again: then it goes on by itself. */
  get wasOnAir() {
    return sessionStorage.getItem(ON_AIR_MARK) === this.#show_id;
  }

  /** @param {() => void} listener @returns {() => void} */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Why the last attempt came to nothing, as a key, or "". */
  trouble = "";

  /**
   * Sends the camera's stream; comes back by itself until `end` or `close`.
   * @returns {Promise<boolean>} whether it is on the air; false also when somebody else sends and is left alone
   */
  async publish() {
    if (this.#publisher) return true;
    this.trouble = "";
    const publisher = new WhipPublisher({
      url: `/whip/${encodeURIComponent(this.#show_id)}`,
      key: async () => (await this.#loadKey()).key,
      layers: true,
    });
    publisher.subscribe(() => void this.#changed(publisher));
    this.#publisher = publisher;
    // A page that was loaded again sent this show a moment ago, and its goodbye may still be on the way.
    const take_over = this.wasOnAir;
    sessionStorage.setItem(ON_AIR_MARK, this.#show_id);
    publisher.publish(this.camera.stream, { take_over });
    this.#watch = setInterval(() => void this.#measure(publisher), STATS_MS);
    await this.#settled(publisher);
    return publisher === this.#publisher && publisher.state === "live";
  }

  /** The show is over, or somebody else sends it now. */
  end() {
    sessionStorage.removeItem(ON_AIR_MARK);
    clearInterval(this.#watch);
    this.#publisher?.leave();
    this.#publisher = null;
    this.#set("off");
  }

  /** The host leaves the studio; the show does not end. A reload does not come here: it goes on by itself. */
  close() {
    sessionStorage.removeItem(ON_AIR_MARK);
    clearInterval(this.#watch);
    this.#publisher?.leave();
    this.#publisher = null;
    this.camera.stop();
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
    this.#set(WORDS[publisher.state]);
    if (publisher.state === "failed") {
      this.trouble = `broadcast.${publisher.failure ?? "refused"}`;
      this.end();
    }
    if (publisher.state !== "occupied") return;
    if (await this.askTakeover()) publisher.takeOver();
    else this.end();
  }

  /** @param {WhipPublisher} publisher */
  async #measure(publisher) {
    const { health } = await publisher.stats();
    if (publisher === this.#publisher && publisher.state === "live" && health !== "offline") this.#set(health);
  }

  /** @param {Health} health */
  #set(health) {
    if (health === this.#health) return;
    this.#health = health;
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
  const [, redraw] = useState(0);
  useEffect(() => broadcast.subscribe(() => redraw((count) => count + 1)), [broadcast]);
  if (broadcast.publishing) return broadcast.health;
  return host === "live" ? "good" : host;
}
