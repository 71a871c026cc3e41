/**
 * The room's websocket: says hello, answers heartbeats, comes back by itself from where it was, and turns frames
 * into one state (`room_state.js`). Protocol: docs/protocol.md.
 */

import { Backoff } from "../backoff.js";
import { closeName, mayComeBack } from "./close_codes.js";
import { newKey } from "../ids.js";
import { PendingRequests, RoomError } from "./pending_requests.js";
import { emptyRoom, follows, withFrame, withHello, withTick, withYou } from "./room_state.js";

export { RoomError };

const SUBPROTOCOL = "liveshop.v1";
const HELLO_WITHIN_MS = 10_000;
/** A request that stands in line is told of every two seconds; without a word for this long it is given up. */
const IN_LINE_WITHIN_MS = 60_000;
const ANSWER_WITHIN_MS = 20_000;
const SILENT_HEARTBEATS = 2.5;
const DEFAULT_HEARTBEAT_MS = 15_000;
const CLOCK_STEP_SPREAD_MS = 2_000;
const OPEN = 1;

/** @typedef {"connecting"|"open"|"waiting"|"closed"} Status */
/** @typedef {import("./room_state.js").RoomState} RoomState */
/**
 * @typedef {object} Wiring
 * @property {string} url `wss://…/ws/shows/{show}`
 * @property {() => Promise<string>} token an access token that is still good
 * @property {string} [language] "en" or "zh"
 * @property {() => string | null} [via] the share link that this visit came by
 * @property {import("../clock.js").Clock} [clock] is set by what the server says
 * @property {new (url: string, protocols: string[]) => any} [WebSocket]
 * @property {() => number} [random]
 * @property {{set: (run: () => void, after_ms: number) => unknown, clear: (timer: unknown) => void}} [timers]
 */

export class RoomClient {
  #wiring;
  #timers;
  #backoff;
  #requests;
  /** @type {any} */
  #socket = null;
  #nextId = 1;
  #helloId = 0;
  /** Each try has a number: one that still waits for its token when another begins comes to nothing. */
  #tries = 0;
  #heartbeat_ms = DEFAULT_HEARTBEAT_MS;
  /** @type {unknown} */
  #silenceTimer;
  /** @type {unknown} */
  #comeBackTimer;
  #shopAhead_ms = 0;
  #refusedTokens = 0;
  #notBefore_ms = 0;
  /** @type {Status} */
  #status = "closed";
  #reason = "";
  /** @type {RoomState} */
  #state = emptyRoom();
  /** @type {Map<string, Set<(value: any) => void>>} */
  #listeners = new Map();

  /** @param {Wiring} wiring */
  constructor(wiring) {
    this.#wiring = wiring;
    this.#timers = wiring.timers ?? { set: (run, after_ms) => setTimeout(run, after_ms), clear: (timer) => clearTimeout(/** @type {any} */ (timer)) };
    this.#backoff = new Backoff(wiring.random);
    this.#requests = new PendingRequests(this.#timers);
  }

  /** @returns {RoomState} what the room looks like now; a new object after each change */
  get state() {
    return this.#state;
  }

  /** @returns {Status} "waiting" is between two tries, "closed" is for good */
  get status() {
    return this.#status;
  }

  /** @returns {string} why it was closed last: a name of close_codes.js, "lost", or "" */
  get reason() {
    return this.#reason;
  }

  /**
   * Events: "state" (RoomState), "status" (Status), "hello" (the frame), "fact" (one Fact, once each),
   * "comment" (one Comment), "you" (the frame), "error" (an error frame nobody waited for).
   * @param {string} event
   * @param {(value: any) => void} listener
   * @returns {() => void} stops it
   */
  on(event, listener) {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set.add(listener));
    return () => set.delete(listener);
  }

  /** Connects, and stays connected until `close`. */
  open() {
    if (this.#status === "connecting" || this.#status === "open") return;
    this.#timers.clear(this.#comeBackTimer);
    this.#setStatus("connecting");
    void this.#connect();
  }

  /** Leaves the room for good. @param {string} [reason] */
  close(reason = "left") {
    this.#reason = reason;
    this.#setStatus("closed");
    this.#timers.clear(this.#comeBackTimer);
    this.#drop(1000);
    this.#requests.failAll(new RoomError("offline", "The room was left."));
  }

  /** The network is back or the page is seen again: try now instead of at the end of the wait. */
  wake() {
    if (this.#status !== "waiting") return;
    this.#backoff.reset();
    this.open();
  }

  /** The network was away: an open socket may be dead without knowing it. Goes on at once on a new one. */
  restart() {
    if (this.#status === "closed") return;
    this.#timers.clear(this.#comeBackTimer);
    this.#backoff.reset();
    this.#drop(1000);
    this.#requests.connectionLost();
    this.#setStatus("connecting");
    void this.#connect();
  }

  /**
   * A request with an answer. A write (`write` true) carries an idempotency key and is sent again after a
   * reconnect until its time is over.
   * @param {string} type
   * @param {Record<string, unknown>} [body]
   * @param {{write?: boolean, key?: string, timeout_ms?: number}} [options]
   * @returns {Promise<any>}
   * @throws {RoomError}
   */
  request(type, body = {}, { write = false, key, timeout_ms = ANSWER_WITHIN_MS } = {}) {
    if (this.#status === "closed") return Promise.reject(new RoomError("offline", "The room is closed."));
    const id = this.#nextId++;
    const sent = write || key ? { ...body, key: key ?? newKey() } : body;
    if (this.#status !== "open" && !("key" in sent)) return Promise.reject(new RoomError("offline", "Not connected."));
    const answer = this.#requests.add(id, type, sent, timeout_ms);
    if (this.#status === "open") this.#send({ id, type, ...sent });
    return answer;
  }

  /**
   * A message nobody waits for (likes): dropped when there is no connection.
   * @param {string} type
   * @param {Record<string, unknown>} body
   */
  tell(type, body) {
    if (this.#status === "open") this.#send({ id: this.#nextId++, type, ...body });
  }

  /** A new access token of the same person: the connection goes on with it. @param {string} token */
  refresh(token) {
    if (this.#status === "open" && token) this.request("refresh", { token }).catch(() => {});
  }

  /**
   * Takes in what this page learnt over HTTP about its own person, as if the room had said it.
   * @param {Record<string, any>} frame a `you` frame
   */
  learn(frame) {
    this.#state = withYou(this.#state, frame);
    this.#emit("state", this.#state);
  }

  async #connect() {
    const mine = ++this.#tries;
    const isOver = () => mine !== this.#tries || this.#status !== "connecting";
    /** @type {string} */
    let token;
    try {
      token = await this.#wiring.token();
    } catch {
      if (!isOver()) this.#comeBack("lost");
      return;
    }
    if (isOver()) return;
    const Socket = this.#wiring.WebSocket ?? WebSocket;
    const socket = new Socket(this.#wiring.url, [SUBPROTOCOL]);
    this.#socket = socket;
    this.#expectWithin(HELLO_WITHIN_MS);
    socket.onopen = () => {
      this.#helloId = this.#nextId++;
      const { position } = this.#state;
      const via = this.#wiring.via?.() ?? null;
      this.#send({ id: this.#helloId, type: "hello", token, position, language: this.#wiring.language ?? "en", ...(via === null ? {} : { via }) });
    };
    socket.onmessage = (/** @type {{data: unknown}} */ event) => this.#receive(socket, event.data);
    socket.onclose = (/** @type {{code: number}} */ event) => {
      if (socket === this.#socket) this.#closed(event.code);
    };
  }

  /** @param {any} socket @param {unknown} data */
  #receive(socket, data) {
    if (socket !== this.#socket || typeof data !== "string") return;
    const frame = JSON.parse(data);
    this.#expectWithin(this.#heartbeat_ms * SILENT_HEARTBEATS);
    switch (frame.type) {
      case "hello": return this.#hello(frame);
      case "tick": return this.#tick(frame);
      case "you": return this.#you(frame);
      case "ping": return this.#send({ type: "pong" });
      case "snapshot": return this.#startAnew(frame);
      case "drain": return this.#drain(frame.after_ms ?? 0);
      case "ok": return void this.#requests.settle(frame);
      case "error": return this.#error(frame);
      default: return undefined; // a newer server may say more
    }
  }

  /** @param {import("../types.js").Hello} frame */
  #hello(frame) {
    this.#backoff.reset();
    this.#refusedTokens = this.#notBefore_ms = 0;
    this.#reason = "";
    this.#heartbeat_ms = frame.heartbeat_ms;
    this.#shopAhead_ms = frame.shop_time_ms - frame.server_time_ms;
    this.#wiring.clock?.sync(frame.shop_time_ms);
    this.#setStatus("open");
    const before = this.#state;
    if (frame.missed && !follows(before.position, frame.missed)) return this.#enterAnew();
    this.#state = withHello(before, frame);
    this.#emit("hello", frame);
    if (frame.missed) this.#announce(before, frame.missed);
    this.#emit("state", this.#state);
    for (const { id, type, body } of this.#requests.toSendAgain()) this.#send({ id, type, ...body });
  }

  /** @param {import("../types.js").Tick} tick */
  #tick(tick) {
    const before = this.#state;
    if (!follows(before.position, tick)) return this.#enterAnew();
    this.#wiring.clock?.sync(tick.server_time_ms + this.#shopAhead_ms);
    this.#state = withTick(before, tick);
    this.#announce(before, tick);
    this.#emit("state", this.#state);
  }

  /** Something was missed: comes back without a position, so that a whole snapshot comes. */
  #enterAnew() {
    this.#state = { ...this.#state, position: null };
    this.#drop(1000);
    this.#requests.connectionLost();
    this.#comeBack("gap");
  }

  /** @param {import("../types.js").SnapshotFrame} frame the log began anew */
  #startAnew(frame) {
    this.#state = withFrame(this.#state, frame);
    this.#emit("state", this.#state);
  }

  /** @param {RoomState} before @param {import("../types.js").Tick} tick */
  #announce(before, tick) {
    const told = new Set();
    for (const fact of tick.facts) {
      if (fact.kind === "clock_stepped") this.#clockStepped();
      const repeated = fact.kind === "order" && (before.order_refs.has(String(fact.order_ref)) || told.has(fact.order_ref));
      told.add(fact.order_ref);
      if (!repeated) this.#emit("fact", fact);
    }
    for (const comment of tick.talk) this.#emit("comment", comment);
  }

  /** What the shop's time is now, only a hello says: the room is entered anew. */
  #clockStepped() {
    this.#wiring.clock?.reset();
    this.#drain(CLOCK_STEP_SPREAD_MS);
  }

  /** @param {Record<string, any>} frame */
  #you(frame) {
    if (frame.event === "queued") this.#requests.extend(frame.request, IN_LINE_WITHIN_MS);
    this.#state = withYou(this.#state, frame);
    this.#emit("you", frame);
    this.#emit("state", this.#state);
  }

  /** One that answers nothing or the hello concerns the connection: how long to stay away, told before the close. @param {{type: string, re: number | null} & Record<string, any>} frame */
  #error(frame) {
    if (this.#requests.settle(frame)) return;
    if (frame.re === null || frame.re === this.#helloId) this.#notBefore_ms = frame.retry_after_ms ?? 0;
    this.#emit("error", frame);
  }

  /** @param {number} after_ms the server goes away: spread the returns over this time */
  #drain(after_ms) {
    const wait_ms = Math.round((this.#wiring.random ?? Math.random)() * after_ms);
    this.#timers.clear(this.#comeBackTimer);
    this.#comeBackTimer = this.#timers.set(() => this.restart(), wait_ms);
  }

  /** @param {number} code */
  #closed(code) {
    this.#drop(null);
    this.#requests.connectionLost();
    const name = closeName(code);
    // An access token may have run out between its check and the hello: one more try with a new one.
    if (name === "unauthorised" && this.#refusedTokens++ < 1) return this.#comeBack(name);
    if (mayComeBack(code)) return this.#comeBack(name);
    this.#reason = name;
    this.#requests.failAll(new RoomError(name, "The room is closed."));
    return this.#setStatus("closed");
  }

  /** @param {string} reason */
  #comeBack(reason) {
    if (this.#status === "closed") return;
    this.#reason = reason;
    this.#setStatus("waiting");
    this.#timers.clear(this.#comeBackTimer);
    const wait_ms = this.#notBefore_ms + this.#backoff.next_ms();
    this.#notBefore_ms = 0;
    this.#comeBackTimer = this.#timers.set(() => this.open(), wait_ms);
  }

  /** @param {number} limit_ms a connection silent for longer is taken for dead */
  #expectWithin(limit_ms) {
    this.#timers.clear(this.#silenceTimer);
    this.#silenceTimer = this.#timers.set(() => {
      this.#drop(4002);
      this.#requests.connectionLost();
      this.#comeBack("heartbeat_missed");
    }, limit_ms);
  }

  /** @param {number | null} code closes the socket with it, unless it is closed already */
  #drop(code) {
    const socket = this.#socket;
    this.#socket = null;
    this.#timers.clear(this.#silenceTimer);
    if (socket && code !== null) socket.close(code);
  }

  /** @param {Record<string, unknown>} frame */
  #send(frame) {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** @param {Status} status */
  #setStatus(status) {
    if (status === this.#status) return;
    this.#status = status;
    this.#emit("status", status);
  }

  /** @param {string} event @param {unknown} value */
  #emit(event, value) {
    for (const listener of this.#listeners.get(event) ?? []) listener(value);
  }
}
