/**
 * One order's conversation on this screen: asked for again and again by ETag, so that nothing new costs the server
 * next to nothing; quickly while something goes on, more slowly the longer it is quiet.
 */

import { newKey } from "../ids.js";
import { Polling } from "./polling.js";

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").Attachment} Attachment */
/** @typedef {import("../types.js").Conversation} Conversation */
/** @typedef {Pick<import("./api.js").Api, "changed" | "get" | "post" | "put">} Server */

const MINUTE_MS = 60_000;

/**
 * How long to wait before asking again.
 * @param {number} quiet_ms since something was said, read or typed
 * @returns {number}
 */
export function pause_ms(quiet_ms) {
  if (quiet_ms < 3 * MINUTE_MS) return 2_000;
  return quiet_ms < 15 * MINUTE_MS ? 5_000 : 15_000;
}

/**
 * The newest page laid over what is on the screen. Older pages stay while they join on.
 * @param {Conversation | null} kept
 * @param {Conversation} newest
 * @returns {Conversation}
 */
export function joined(kept, newest) {
  const first = newest.messages[0]?.number ?? 0;
  const older = (kept?.messages ?? []).filter(({ number }) => number < first);
  if (!older.length || older[older.length - 1].number < first - 1) return newest;
  return { ...newest, messages: [...older, ...newest.messages], before: kept?.before ?? null };
}

export class ConversationFeed {
  #api;
  #path;
  #query;
  #onChange;
  #now_ms;
  #etag = "";
  #quiet_since_ms;
  #read = 0;
  /** What was tried last and not taken yet. */
  #trying = { said: "", key: "" };
  #polling;
  /** @type {Conversation | null} */
  value = null;
  /** @type {unknown} why it could not be loaded at all */
  error = null;

  /**
   * @param {Server} api
   * @param {string} path of the order's doors, as this side has them
   * @param {string} query "?token=…" of a guest, or ""
   * @param {() => void} onChange
   * @param {{timers?: import("./polling.js").Timers, now_ms?: () => number}} [wiring]
   */
  constructor(api, path, query, onChange, { timers, now_ms = () => performance.now() } = {}) {
    this.#api = api;
    this.#path = path;
    this.#query = query;
    this.#onChange = onChange;
    this.#now_ms = now_ms;
    this.#quiet_since_ms = now_ms();
    this.#polling = new Polling(() => this.#ask(), () => pause_ms(this.#now_ms() - this.#quiet_since_ms), timers);
  }

  /** Follows the conversation, or stops. @param {boolean} wanted */
  want(wanted) {
    this.#polling.want(wanted);
  }

  /** Somebody is here and does something: news are asked for quickly again. */
  stir() {
    this.#quiet_since_ms = this.#now_ms();
  }

  /** Asks for everything anew: addresses of pictures and voices end after a while. */
  renew() {
    this.#etag = "";
    return this.#polling.now();
  }

  /** The page before the first that is shown. */
  async older() {
    const before = this.value?.before;
    if (!this.value || before == null) return;
    const page = await this.#api.get(`${this.#path}/messages${this.#query}${this.#query ? "&" : "?"}before=${before}`);
    this.#set({ ...this.value, messages: [...page.messages, ...this.value.messages], before: page.before });
  }

  /**
   * Says something. Each try of the same message has the same key; one that was changed after a try is another message.
   * @param {string} text
   * @param {readonly Attachment[]} attachments
   */
  async say(text, attachments) {
    const body = { text, attachments: attachments.map(({ id }) => id) };
    const words = JSON.stringify(body);
    if (this.#trying.said !== words) this.#trying = { said: words, key: newKey() };
    const said = await this.#api.post(`${this.#path}/messages${this.#query}`, body, { key: this.#trying.key });
    this.#trying = { said: "", key: "" };
    this.stir();
    const known = this.value ?? { order: "", messages: [], before: null, unread: 0, seen: 0, closed: false };
    if (!known.messages.some(({ number }) => number === said.number)) this.#set({ ...known, messages: [...known.messages, said] });
    await this.#polling.now();
  }

  /** @param {Blob} file @returns {Promise<Attachment>} */
  upload(file) {
    this.stir();
    return this.#api.post(`${this.#path}/attachments${this.#query}`, file, { headers: { "Content-Type": "application/octet-stream" } });
  }

  /** The shop takes no more of the buyer's messages, or takes them again. @param {boolean} closed */
  async close(closed) {
    this.#set(joined(this.value, await this.#api.put(`${this.#path}/messages/state`, { closed })));
    this.stir();
  }

  /** Everything on the screen has been read. A mark that does not arrive is made again with the next look. */
  async read() {
    const last = this.value?.messages.at(-1)?.number ?? 0;
    if (!this.value?.unread || last <= this.#read) return;
    const before = this.#read;
    this.#read = last;
    try {
      await this.#api.post(`${this.#path}/messages/read${this.#query}`, { number: last });
      if (this.value) this.#set({ ...this.value, unread: 0 });
    } catch {
      this.#read = before;
    }
  }

  async #ask() {
    try {
      const news = await this.#api.changed(`${this.#path}/messages${this.#query}`, this.#etag);
      this.error = null;
      if (!news) return;
      if (this.value) this.stir();
      this.#etag = news.etag;
      this.#set(joined(this.value, news.value));
    } catch (error) {
      if (this.value) return; // what is on the screen stays; the next question may be answered
      this.error = error;
      const { status = 0 } = /** @type {{status?: number}} */ (error);
      if ([401, 403, 404].includes(status)) this.#polling.want(false); // it is not for this reader, and stays so
      this.#onChange();
    }
  }

  /** @param {Conversation} value */
  #set(value) {
    this.value = value;
    this.#onChange();
  }
}
