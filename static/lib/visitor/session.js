/** Who sits at this screen: nobody yet, a guest with a name, or an account. */

import { ApiError } from "../server/api.js";

const NAMED_KEY = "liveshop.named";
/** Whether this browser has had a session. The cookie itself cannot be seen from here, and asking without one is an error. */
const KNOWN_KEY = "liveshop.known";
const REFRESH_BEFORE_MS = 60_000;
const SHORTEST_REFRESH_MS = 5_000;

/** @typedef {import("../types.js").Person} Person */
/** @typedef {import("../types.js").SessionAnswer} SessionAnswer */
/** @typedef {{getItem(name: string): string | null, setItem(name: string, value: string): void}} Memory */

export class Session {
  #api;
  #memory;
  /** @type {Person | null} */
  #person = null;
  #expires_at_ms = 0;
  #over = false;
  /** @type {Set<(person: Person | null) => void>} */
  #listeners = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {import("../server/api.js").Api} api
   * @param {Memory} memory remembers across visits whether the guest chose a name
   */
  constructor(api, memory) {
    this.#api = api;
    this.#memory = memory;
    api.onSession = (answer) => this.#take(answer);
  }

  /** @returns {Person | null} */
  get person() {
    return this.#person;
  }

  /** Whether an account was signed in on this page and is no longer, though nobody signed out here. */
  get over() {
    return this.#over;
  }

  /** Whether the name on comments is one the person chose (a guest starts with a made-up one). */
  get named() {
    return this.#person?.kind === "account" || (!!this.#person && this.#memory.getItem(NAMED_KEY) === this.#person.id);
  }

  /**
   * Calls the listener at each change of person, token or name.
   * @param {(person: Person | null) => void} listener
   * @returns {() => void} stops it
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Takes up the session of the cookie, if there is one.
   * @returns {Promise<Person | null>}
   * @throws {ApiError} when the server cannot be asked
   */
  async resume() {
    if (this.#memory.getItem(KNOWN_KEY) === "yes") await this.#api.refresh();
    return this.#person;
  }

  /**
   * Somebody who may watch and take part: the session of the cookie, else a new guest with a made-up name.
   * @param {string} stand_in_name
   * @returns {Promise<Person>}
   */
  async resumeOrGuest(stand_in_name) {
    const person = await this.resume();
    if (person) return person;
    this.#api.adopt(await this.#api.post("/session", { guest_name: stand_in_name }, { anonymous: true }));
    return /** @type {Person} */ (this.#person);
  }

  /**
   * Gives the guest (or the account) another name, and gets a token that carries it.
   * @param {string} name
   */
  async rename(name) {
    await this.#api.patch("/me", { name });
    if (this.#person) this.#memory.setItem(NAMED_KEY, this.#person.id);
    await this.#api.refresh();
  }

  /** @param {string} email @param {string} password */
  async signIn(email, password) {
    this.#api.adopt(await this.#api.post("/session", { email, password }));
  }

  /** @param {{email: string, password: string, name: string}} account */
  async register(account) {
    this.#api.adopt(await this.#api.post("/accounts", account));
  }

  async signOut() {
    try {
      await this.#api.delete("/session");
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
    }
    this.leave();
  }

  /** Nobody sits here any more, as they wished. */
  leave() {
    this.#person = null;
    this.#api.adopt(null);
  }

  /**
   * A token that is good for another minute.
   * @returns {Promise<string>} "" when nobody is signed in
   */
  async freshToken(now_ms = Date.now()) {
    if (this.#person && now_ms > this.#expires_at_ms - REFRESH_BEFORE_MS / 2) await this.#api.refresh();
    return this.#api.token;
  }

  /** @param {SessionAnswer | null} answer */
  #take(answer) {
    this.#over = !answer && (this.#over || this.#person?.kind === "account");
    this.#person = answer?.person ?? null;
    this.#expires_at_ms = answer?.expires_at_ms ?? 0;
    clearTimeout(this.#timer);
    this.#memory.setItem(KNOWN_KEY, answer ? "yes" : "no");
    if (answer) this.#refreshLater(answer.expires_at_ms);
    for (const listener of this.#listeners) listener(this.#person);
  }

  /** @param {number} expires_at_ms */
  #refreshLater(expires_at_ms) {
    const wait_ms = Math.max(SHORTEST_REFRESH_MS, expires_at_ms - Date.now() - REFRESH_BEFORE_MS);
    this.#timer = setTimeout(() => {
      // A failure here is no news: the next request refreshes, or says that it could not.
      this.#api.refresh().catch(() => this.#refreshLater(Date.now() + 2 * REFRESH_BEFORE_MS));
    }, Math.min(wait_ms, 2 ** 31 - 1));
    /** @type {any} */ (this.#timer).unref?.();
  }
}
