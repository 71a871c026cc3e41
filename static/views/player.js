/**
 * The viewer's video. It owns its elements (a video must not be drawn anew), shows every state of the player, and
 * keeps the screen awake. It starts muted, as browsers ask, and says how to get sound.
 */

import { Awake } from "../lib/media/awake.js";
import { faceOf } from "../lib/media/player_face.js";
import { WhepPlayer } from "../lib/media/whep.js";
import { html, render } from "../vendor/preact.js";
import { Icon } from "./icon.js";

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */
/** @typedef {"live" | "away" | "off"} Host */

const DOUBLE_TAP_MS = 300;
const DOUBLE_TAP_PX = 40;
const TOOLS_MS = 3_000;
/** A full door gives appointments: the room's next hello may take a while. */
const NEW_TOKEN_LIMIT_MS = 30_000;
/** Who came together has tokens that run out together. */
const RENEW_SPREAD_MS = 2_000;
/** A host who is away is seen to be by then: a picture that runs on shows that the word of the return got lost. */
const HOST_WORD_MS = 2_500;
const STYLE = new URL("./player.css", import.meta.url).href;

export class Player {
  #t;
  #onHeart;
  #renew;
  #poster;
  #environment;
  #root = document.createElement("div");
  #video = document.createElement("video");
  #glass = document.createElement("div");
  #leaving = new AbortController();
  /** @type {WhepPlayer | null} */
  #whep = null;
  #url = "";
  #token = "";
  #given = "";
  /** @type {((token: string) => void) | null} */
  #newToken = null;
  /** @type {Host | null} */
  #host = null;
  #host_outdated = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #host_timer;
  #seen = false;
  #refused = false;
  #tools = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #tools_timer;
  /** @type {{at_ms: number, x: number, y: number} | null} */
  #last_tap = null;
  #awake = new Awake();

  /**
   * @param {Element} container filled by the player
   * @param {object} options
   * @param {Translate} options.t words by key (`player.*`)
   * @param {(place: {x: number, y: number}) => void} [options.onHeart] a double tap, in pixels of the container
   * @param {() => void} [options.renew] asks for a new token, which comes by `attach`
   * @param {string | null} [options.poster] shown while there is no picture
   * @param {Partial<import("../lib/media/media_session.js").Environment>} [options.environment] for tests
   */
  constructor(container, { t, onHeart = () => {}, renew = () => {}, poster = null, environment = {} }) {
    this.#t = t;
    this.#onHeart = onHeart;
    this.#renew = renew;
    this.#poster = poster;
    this.#environment = environment;
    this.#root.className = "player";
    this.#glass.className = "player__glass over-video";
    Object.assign(this.#video, { className: "player__video", muted: true, autoplay: true, playsInline: true, disableRemotePlayback: true });
    this.#root.append(this.#video, this.#glass);
    wearStyle();
    container.append(this.#root);
    this.#listen();
    this.#draw();
  }

  /** The statistics of the connection, see lib/media/whep.js. */
  stats() {
    return this.#whep?.stats() ?? Promise.resolve(null);
  }

  /**
   * Watches this address from now on; a new token alone is used at the next connection.
   * @param {string} url
   * @param {string} token
   */
  attach(url, token) {
    this.#token = token;
    this.#newToken?.(token);
    if (url === this.#url) {
      if (this.#whep?.state === "failed") this.#whep.start();
      return;
    }
    this.#url = url;
    this.#whep?.stop();
    const whep = new WhepPlayer({ url, token: (refused) => this.#giveToken(refused), environment: this.#environment });
    this.#whep = whep;
    this.#video.srcObject = whep.stream;
    whep.subscribe(() => this.#changed());
    if (this.#host !== null) whep.hostIs(this.#host);
    whep.start();
  }

  /** What the room says of the host. @param {Host} host */
  setHost(host) {
    if (host !== this.#host) this.#host_outdated = false;
    this.#host = host;
    this.#whep?.hostIs(host);
    this.#doubtTheRoom();
    this.#draw();
  }

  /** A picture that runs for a while says more than the room's word that its host is away. */
  #doubtTheRoom() {
    const doubtful = this.#host === "away" && !this.#host_outdated && this.#whep?.state === "playing";
    if (doubtful && this.#host_timer !== undefined) return;
    clearTimeout(this.#host_timer);
    this.#host_timer = undefined;
    if (!doubtful) return;
    this.#host_timer = setTimeout(() => {
      this.#host_timer = undefined;
      this.#host_outdated = true;
      this.#whep?.hostIs("live");
      this.#draw();
    }, HOST_WORD_MS);
  }

  /** The room says that the show moved to another media process. */
  mediaMoved() {
    this.#whep?.restart();
  }

  /** Another poster. @param {string | null} poster */
  setPoster(poster) {
    this.#poster = poster;
    this.#draw();
  }

  /** Ends the connection and takes the player off the page. */
  close() {
    this.#leaving.abort();
    clearTimeout(this.#tools_timer);
    clearTimeout(this.#host_timer);
    this.#newToken = null;
    this.#whep?.stop();
    void this.#awake.want(false);
    this.#video.srcObject = null;
    render(null, this.#glass);
    this.#root.remove();
  }

  #listen() {
    const { signal } = this.#leaving;
    const video = this.#video;
    const drawn = () => this.#draw();
    for (const name of ["volumechange", "enterpictureinpicture", "leavepictureinpicture", "resize"]) video.addEventListener(name, drawn, { signal });
    video.addEventListener("playing", () => this.#plays(), { signal });
    video.addEventListener("pause", () => this.#paused(), { signal });
    video.addEventListener("leavepictureinpicture", () => this.#goOn(), { signal });
    this.#root.addEventListener("click", (event) => this.#tapped(event), { signal });
    this.#root.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.#showTools(), { signal });
    document.addEventListener("visibilitychange", () => this.#goOn(), { signal });
    window.addEventListener("pagehide", () => this.#whep?.stop(), { signal });
    window.addEventListener("pageshow", (event) => event.persisted && this.#whep?.start(), { signal });
    window.addEventListener("online", () => this.#whep?.state !== "playing" && this.#whep?.restart(500), { signal });
  }

  /** @param {boolean} refused whether the last one was @returns {string | Promise<string>} */
  #giveToken(refused) {
    const old = this.#given;
    this.#given = this.#token;
    if (!refused || old !== this.#token) return this.#token;
    // The page gets a new one with the room's next hello; it calls `attach`.
    return new Promise((resolve) => {
      const take = (/** @type {string} */ token) => {
        if (this.#newToken === take) this.#newToken = null;
        clearTimeout(asking);
        clearTimeout(giving_up);
        this.#given = token || old;
        resolve(this.#given);
      };
      const asking = setTimeout(() => this.#newToken === take && this.#renew(), Math.random() * RENEW_SPREAD_MS);
      const giving_up = setTimeout(() => take(this.#token), NEW_TOKEN_LIMIT_MS);
      this.#newToken = take;
    });
  }

  #changed() {
    const whep = this.#whep;
    if (whep === null) return;
    if (whep.stream.getTracks().length && !this.#refused) void this.#play();
    this.#doubtTheRoom();
    this.#wake();
    this.#draw();
  }

  /** Plays, also after tracks were changed (an element whose tracks all ended stands still). @returns {Promise<void>} */
  async #play() {
    try {
      await this.#video.play();
      this.#refused = false;
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
      if (!this.#video.muted) {
        this.#video.muted = true;
        return this.#play();
      }
      this.#refused = true;
    }
    this.#draw();
  }

  #plays() {
    this.#refused = false;
    if (this.#video.videoWidth > 0) this.#seen = true;
    this.#wake();
    this.#draw();
  }

  /** A browser pauses it out of sight or with its small window, a person with a key: then there is a button. */
  #paused() {
    if (document.hidden || !this.#video.paused || this.#video.ended) return;
    if (this.#whep?.state !== "playing" || !this.#whep.stream.active) return;
    this.#refused = true;
    this.#wake();
    this.#draw();
  }

  /** Plays on when the page is in sight again. */
  #goOn() {
    if (!document.hidden && this.#video.paused) {
      this.#refused = false; // what was paused out of sight; a browser that refuses says so again
      if (this.#whep?.state === "playing") void this.#play();
    }
    this.#wake();
  }

  /** @param {boolean} on */
  #sound(on) {
    this.#video.muted = !on;
    void this.#play();
  }

  /**
   * A tap gives sound while there is none, else shows the tools; two taps are a heart.
   * @param {MouseEvent} event
   */
  #tapped(event) {
    if (event.target instanceof Element && event.target.closest("button")) return;
    const place = this.#root.getBoundingClientRect();
    const tap = { at_ms: event.timeStamp, x: event.clientX - place.left, y: event.clientY - place.top };
    const last = this.#last_tap;
    this.#last_tap = tap;
    if (last && tap.at_ms - last.at_ms < DOUBLE_TAP_MS && Math.hypot(tap.x - last.x, tap.y - last.y) < DOUBLE_TAP_PX) {
      this.#onHeart({ x: tap.x, y: tap.y });
      return;
    }
    if (this.#refused) void this.#play();
    else if (this.#video.muted && !this.#tools) this.#sound(true);
    this.#showTools();
  }

  #showTools() {
    clearTimeout(this.#tools_timer);
    this.#tools_timer = setTimeout(() => {
      this.#tools = false;
      this.#draw();
    }, TOOLS_MS);
    if (this.#tools) return;
    this.#tools = true;
    this.#draw();
  }

  /** Keeps the screen on while pictures run in sight. */
  #wake() {
    const { aborted } = this.#leaving.signal;
    void this.#awake.want(!aborted && !document.hidden && this.#whep?.state === "playing" && !this.#refused);
  }

  async #smallWindow() {
    try {
      if (document.pictureInPictureElement === this.#video) await document.exitPictureInPicture();
      else await this.#video.requestPictureInPicture();
    } catch {
      // Without a picture, or against the reader's settings: nothing to say.
    }
    this.#draw();
  }

  #draw() {
    if (this.#leaving.signal.aborted) return;
    const whep = this.#whep;
    const state = whep?.state ?? "connecting";
    const host = this.#host_outdated && state === "playing" ? "live" : this.#host;
    const face = faceOf({ state, failure: whep?.failure ?? null, host, sound_only: whep?.sound_only ?? false, held: whep?.held ?? false, seen: this.#seen });
    const { videoWidth, videoHeight } = this.#video;
    this.#root.dataset.state = state;
    this.#root.dataset.over = face.over;
    this.#root.dataset.refused = String(this.#refused);
    this.#root.dataset.sound = this.#video.muted ? "off" : "on";
    this.#root.dataset.shape = videoWidth > videoHeight ? "wide" : "tall";
    this.#root.dataset.tools = String(this.#tools);
    const runs = (face.over !== "veil" || face.heard) && !this.#refused;
    render(html`
      ${face.over === "veil" && this.#veil(face)}
      ${face.over === "note" && html`<p class="player__note" role="status">${face.busy && html`<span class="player__spinner" aria-hidden="true"></span>`}${this.#t(face.text ?? "")}</p>`}
      ${face.over !== "veil" && this.#refused && this.#playButton()}
      ${runs && this.#video.muted && html`<button type="button" class="player__sound" onClick=${() => this.#sound(true)}>
        <${Icon} name="sound_off" /><span>${this.#t("player.tap_for_sound")}</span></button>`}
      ${runs && this.#toolbar()}`, this.#glass);
  }

  /** @param {import("../lib/media/player_face.js").Face} face */
  #veil(face) {
    return html`<div class="player__veil" role="status">
      ${this.#poster && html`<img class="player__poster" src=${this.#poster} alt="" />`}
      <div class="player__words">
        ${face.busy && html`<span class="player__spinner" aria-hidden="true"></span>`}
        <p>${this.#t(face.text ?? "")}</p>
        ${face.more && html`<p class="player__more">${this.#t(face.more)}</p>`}
        ${face.heard && this.#refused && this.#playButton()}
        ${face.retry && html`<button type="button" class="player__retry" onClick=${() => this.#whep?.start()}>${this.#t("player.retry")}</button>`}
      </div>
    </div>`;
  }

  #playButton() {
    return html`<button type="button" class="player__play" onClick=${() => this.#play()}>
      <${Icon} name="play" filled=${true} /><span>${this.#t("player.tap_to_play")}</span></button>`;
  }

  #toolbar() {
    const small = document.pictureInPictureElement === this.#video;
    const muted = this.#video.muted;
    return html`<div class="player__tools">
      ${!muted && html`<button type="button" aria-label=${this.#t("player.mute")} title=${this.#t("player.mute")} onClick=${() => this.#sound(false)}>
        <${Icon} name="sound" /></button>`}
      ${document.pictureInPictureEnabled && html`<button type="button" aria-pressed=${String(small)} onClick=${() => this.#smallWindow()}
        aria-label=${this.#t(small ? "player.pip_end" : "player.pip")} title=${this.#t(small ? "player.pip_end" : "player.pip")}>
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M3 5h18v14H3zM12 12h6v4h-6z" /></svg></button>`}
    </div>`;
  }
}

/** Puts the player's stylesheet on pages that do not link it. */
function wearStyle() {
  if ([...document.styleSheets].some(({ href }) => href?.split("?")[0] === STYLE)) return;
  if (document.querySelector(`link[href="${STYLE}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: STYLE }));
}
