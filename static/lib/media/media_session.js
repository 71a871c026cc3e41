/**
 * What WHIP and WHEP share: one POST with an offer, the session it makes, its end, and how both look at it. No DOM.
 * Sources: RFC 9725 (WHIP), draft-ietf-wish-whep (WHEP), RFC 7587 section 7.1 (stereo).
 */

/** How often a session is looked at. */
export const SAMPLE_MS = 500;
/** A look later than this after the one before says nothing: the timer was held back (a tab in the background). */
export const LONGEST_SAMPLE_GAP_MS = 2_000;
/** A request over a line that has died may wait for minutes; the server hardly takes longer than this. */
export const POST_LIMIT_MS = 15_000;
/** Media must be able to flow so soon after the request. */
export const CONNECT_LIMIT_MS = 10_000;
/** A session that is being made while the show moves gets this time to prove that it is at the right place. */
export const DOUBT_MS = 1_000;
const LONGEST_EARLY_PAUSE_MS = 1_500;
const EARLY_TRIES = 5;

/** @typedef {"unauthorised" | "no_such_show" | "refused"} Failure why nothing is tried any more */

/**
 * What a session needs of the browser; tests hand in doubles.
 * @typedef {object} Environment
 * @property {typeof globalThis.fetch} fetch
 * @property {typeof globalThis.RTCPeerConnection} RTCPeerConnection
 * @property {typeof globalThis.MediaStream} MediaStream
 * @property {() => number} now_ms
 * @property {(run: () => void, after_ms: number) => unknown} setTimer
 * @property {(timer: any) => void} clearTimer
 * @property {() => number} random from 0 to 1
 */

/**
 * The browser itself, less what the caller replaces.
 * @param {Partial<Environment>} [replaced]
 * @returns {Environment}
 */
export function browserEnvironment(replaced = {}) {
  return {
    fetch: (...args) => globalThis.fetch(...args),
    RTCPeerConnection: globalThis.RTCPeerConnection,
    MediaStream: globalThis.MediaStream,
    now_ms: () => performance.now(),
    setTimer: (run, after_ms) => setTimeout(run, after_ms),
    clearTimer: (timer) => clearTimeout(timer),
    random: Math.random,
    ...replaced,
  };
}

/** The server said no. `status` 0 = it could not be asked at all. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {number | null} retry_after_ms what the server asked for
   */
  constructor(status, retry_after_ms = null) {
    super(status === 0 ? "the server could not be reached" : `the server answered ${status}`);
    this.status = status;
    this.retry_after_ms = retry_after_ms;
  }

  /** Whether asking again later may help: not reached, overloaded, out of order, or "not now". */
  get temporary() {
    return this.status === 0 || this.status >= 500 || [408, 409, 425, 429].includes(this.status);
  }

  /** What it means where it is final. @returns {Failure} */
  get failure() {
    return this.status === 401 || this.status === 403 ? "unauthorised" : this.status === 404 ? "no_such_show" : "refused";
  }
}

/**
 * Reads a Retry-After header: seconds or a date.
 * @param {string | null} value
 * @param {number} [today_ms] the wall clock
 * @returns {number | null} milliseconds from now, at least 0; null when there is none
 */
export function retryAfterMs(value, today_ms = Date.now()) {
  if (!value) return null;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const at_ms = Date.parse(value);
  return Number.isNaN(at_ms) ? null : Math.max(0, at_ms - today_ms);
}

/**
 * A media process is back within 3 s: the first tries are close together, whatever the dice say.
 * @param {number} wait_ms
 * @param {number} tries which one it is, from 1
 * @returns {number}
 */
export function soonAtFirst_ms(wait_ms, tries) {
  return tries <= EARLY_TRIES ? Math.min(wait_ms, LONGEST_EARLY_PAUSE_MS) : wait_ms;
}

/**
 * Asks for Opus in stereo. Chromium plays it in mono unless the receiver's own description says so; the server
 * cannot ask for it in the answer.
 * @param {string} sdp an offer
 * @returns {string}
 */
export function withStereo(sdp) {
  const opus = /^a=rtpmap:(\d+) opus\//im.exec(sdp)?.[1];
  if (!opus) return sdp;
  const fmtp = new RegExp(`^(a=fmtp:${opus} )(.*)$`, "m");
  if (!fmtp.test(sdp)) return sdp.replace(new RegExp(`^(a=rtpmap:${opus} .*)$`, "m"), `$1\r\na=fmtp:${opus} stereo=1`);
  return sdp.replace(fmtp, (line, start, rest) => (/(^|;)\s*stereo=/.test(rest) ? line : `${start}${rest};stereo=1`));
}

/**
 * Lets Chromium ask the server for the round trip (RFC 3611), which a page that only receives cannot know otherwise:
 * it then asks for lost packets once a round trip and not each 100 ms. Other browsers pass the line over.
 * @param {string} sdp an offer
 * @returns {string}
 */
export function withRoundTrip(sdp) {
  if (/^a=rtcp-fb:\d+ rrtr\r?$/m.test(sdp)) return sdp;
  return sdp.replace(/^(a=rtcp-fb:(\d+) nack pli)(\r?)$/gm, "$1$3\na=rtcp-fb:$2 rrtr$3");
}

/**
 * Offers to take dependency descriptors, where the browser lets a page say so: without them Chromium decodes only the
 * lowest layer of scalable AV1, and the server sends no other.
 * @param {RTCRtpTransceiver} transceiver of the picture
 */
export function takeDescriptors(transceiver) {
  /** @type {any} */
  const one = transceiver; // not in TypeScript's DOM yet
  const extensions = one.getHeaderExtensionsToNegotiate?.();
  if (!extensions) return;
  for (const extension of extensions) {
    if (extension.uri.endsWith("#dependency-descriptor-rtp-header-extension")) extension.direction = "sendrecv";
  }
  one.setHeaderExtensionsToNegotiate(extensions);
}

/**
 * Reads the ICE servers of `Link` headers (RFC 9725 section 4.6), which fetch joins with commas.
 * @param {string | null} header
 * @returns {RTCIceServer[]}
 */
export function iceServers(header) {
  const found = [];
  for (const [, urls, rest] of (header ?? "").matchAll(/<((?:stun|turn)s?:[^>]+)>((?:\s*;\s*[\w-]+=(?:"[^"]*"|[^\s",;]+))*)/gi)) {
    const parameters = new Map([...rest.matchAll(/([\w-]+)=(?:"([^"]*)"|([^\s",;]+))/g)].map(([, name, quoted, bare]) => [name.toLowerCase(), quoted ?? bare]));
    if (parameters.get("rel") !== "ice-server") continue;
    const username = parameters.get("username");
    found.push(username === undefined ? { urls } : { urls, username, credential: parameters.get("credential") ?? "" });
  }
  return found;
}

/**
 * Lets Chromium begin to send video at this rate. Its own beginning is 300 kb/s, at which the whole picture of three
 * layers waits for many seconds; other browsers pass the parameter over.
 * @param {string} sdp an answer
 * @param {number} kbit_per_s
 * @returns {string}
 */
export function withStartRate(sdp, kbit_per_s) {
  const [head, ...video] = sdp.split(/(?=^m=video )/m);
  const begun = video.map((section) => section.replace(/^a=rtpmap:(\d+) (?!rtx\/).*$/gm, (line, type) => {
    const rate = `x-google-start-bitrate=${kbit_per_s}`;
    return section.includes(`a=fmtp:${type} `) ? line : `${line}\r\na=fmtp:${type} ${rate}`;
  }).replace(/^(a=fmtp:\d+ )(?!apt=|x-google)(.*?)\r?$/gm, `$1$2;x-google-start-bitrate=${kbit_per_s}\r`));
  return [head, ...begun].join("");
}

/**
 * The pair of candidates that media take. The transport knows it before the pair counts as nominated; Firefox has none.
 * @param {RTCStatsReport} report
 * @returns {any}
 */
export function chosenPair(report) {
  const all = [...report.values()];
  const transport = all.find(({ type }) => type === "transport");
  return report.get(transport?.selectedCandidatePairId) ?? all.find(({ type, nominated, state }) => type === "candidate-pair" && nominated && state === "succeeded");
}

/**
 * The body of a PATCH that tells the server of one candidate (RFC 8840).
 * @param {string} sdp the own description
 * @param {{address: string, port: number, protocol: string, candidateType: string}} candidate
 * @returns {string}
 */
export function candidateFragment(sdp, { address, port, protocol, candidateType }) {
  const [ufrag, pwd, mid] = ["ice-ufrag", "ice-pwd", "mid"].map((name) => new RegExp(`^a=${name}:(.*?)\\r?$`, "m").exec(sdp)?.[1] ?? "");
  const lines = [
    `a=ice-ufrag:${ufrag}`, `a=ice-pwd:${pwd}`, "m=audio 9 UDP/TLS/RTP/SAVPF 0", `a=mid:${mid}`,
    `a=candidate:1 1 ${protocol} 1 ${address} ${port} typ ${candidateType} raddr 0.0.0.0 rport 0`,
  ];
  return lines.map((line) => `${line}\r\n`).join("");
}

/** One media session with the server: a peer connection and the URL that ends it. */
export class MediaSession {
  #environment;
  #token = "";
  #closed = false;
  /** @type {string | null} */
  #url = null;
  /** @type {string | null} the session's entity tag */
  #tag = null;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {Environment} environment */
  constructor(environment) {
    this.#environment = environment;
    this.connection = new environment.RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.connection.onconnectionstatechange = () => this.#listeners.forEach((listener) => listener());
  }

  /** @returns {RTCPeerConnectionState} */
  get state() {
    return this.#closed ? "closed" : this.connection.connectionState;
  }

  get closed() {
    return this.#closed;
  }

  /**
   * Calls the listener when the connection changes its state.
   * @param {() => void} listener
   * @returns {() => void} stops it
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Posts the offer and takes the answer. Candidates are not waited for: the server is ICE-lite on public addresses
   * and learns ours from our checks.
   *
   * A browser gathers candidates from `setLocalDescription` on, with the ICE servers it knows by then; servers set
   * later wait for an ICE restart (W3C WebRTC, setConfiguration). So the offer is posted first, the answer's `Link`
   * headers are set, and only then the offer becomes the local description: one request, fresh credentials, and no
   * OPTIONS, which would cost a round trip and, across origins, a preflight. Nothing is lost by gathering later, for
   * no check can be sent before the answer is here.
   * @param {string} url
   * @param {string} token
   * @param {(sdp: string) => string} [mend] changes the offer before it is used
   * @param {(sdp: string) => string} [mendAnswer] changes the answer before it is used
   * @throws {Refusal}
   */
  async open(url, token, mend = (sdp) => sdp, mendAnswer = (sdp) => sdp) {
    this.#token = token;
    const offer = await this.connection.createOffer();
    const sdp = mend(offer.sdp ?? "");
    const { link, answer } = await this.#post(url, sdp);
    if (this.#closed) return;
    this.#useServers(iceServers(link));
    await this.connection.setLocalDescription({ type: "offer", sdp });
    await this.connection.setRemoteDescription({ type: "answer", sdp: mendAnswer(answer) });
  }

  /**
   * Waits until media can flow.
   * @param {Pause} pause is cut when the connection changes its state
   * @param {() => number} left_ms how long it may still take; none at 0
   * @throws {Refusal} when it does not come to that
   */
  async connected(pause, left_ms) {
    const stop = this.subscribe(() => pause.cut());
    while (this.state !== "connected") {
      const wait_ms = left_ms();
      if (this.closed || this.state === "failed" || wait_ms <= 0) break;
      await pause.take(wait_ms);
    }
    stop();
    if (this.state !== "connected") throw new Refusal(0);
    this.#tellOfTurn().catch(() => {}); // only the operator's figures would miss it
  }

  /**
   * Ends the connection and, unless told otherwise, the session at the server. Safe to call twice.
   * @param {{tell_server?: boolean}} [how]
   */
  close({ tell_server = true } = {}) {
    if (this.#closed) return;
    this.#closed = true;
    this.#listeners.clear();
    this.connection.onconnectionstatechange = null;
    this.connection.close();
    if (tell_server) this.#forget();
  }

  /**
   * Posts the offer. A session that comes of a request that was cut is dropped by the server, since nobody connects.
   * @param {string} url @param {string} sdp
   */
  async #post(url, sdp) {
    const cut = new AbortController();
    const timer = this.#environment.setTimer(() => cut.abort(), POST_LIMIT_MS);
    let response;
    let answer = "";
    try {
      response = await this.#environment.fetch(url, {
        method: "POST", headers: this.#headers({ "Content-Type": "application/sdp" }), body: sdp, signal: cut.signal,
      });
      if (response.status === 201) {
        this.#note(response, url);
        answer = await response.text();
      }
    } catch {
      throw new Refusal(0);
    } finally {
      this.#environment.clearTimer(timer);
    }
    if (response.status !== 201) throw new Refusal(response.status, retryAfterMs(response.headers.get("Retry-After")));
    return { link: response.headers.get("Link"), answer };
  }

  /** Notes where the session is. @param {Response} response @param {string} url where it was asked for */
  #note(response, url) {
    const location = response.headers.get("Location");
    this.#tag = response.headers.get("ETag");
    this.#url = location ? new URL(location, response.url || new URL(url, globalThis.location?.href)).href : null;
    if (this.#closed) this.#forget();
  }

  /** @param {RTCIceServer[]} servers */
  #useServers(servers) {
    if (servers.length) this.connection.setConfiguration({ ...this.connection.getConfiguration(), iceServers: servers });
  }

  /**
   * Tells the server when the path leads through a TURN server: it sees an address, and cannot know whose. Of any other
   * path it is told nothing, which spares nearly everybody a request.
   */
  async #tellOfTurn() {
    const servers = this.connection.getConfiguration().iceServers ?? [];
    if (!servers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/i.test(url)))) return;
    const report = await this.connection.getStats();
    const candidate = report.get(chosenPair(report)?.localCandidateId);
    const sdp = this.connection.localDescription?.sdp;
    if (candidate?.candidateType !== "relay" || this.#url === null || this.#tag === null || !sdp) return;
    const headers = this.#headers({ "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": this.#tag });
    await this.#environment.fetch(this.#url, { method: "PATCH", headers, body: candidateFragment(sdp, candidate) });
  }

  /** Deletes the session, also while the page is being left; nobody waits for the answer. */
  #forget() {
    if (this.#url === null) return;
    const url = this.#url;
    this.#url = null;
    this.#environment.fetch(url, { method: "DELETE", headers: this.#headers({}), keepalive: true }).catch(() => {});
  }

  /** @param {Record<string, string>} headers */
  #headers(headers) {
    return this.#token ? { ...headers, Authorization: `Bearer ${this.#token}` } : headers;
  }
}

/** Bits a second, from a counter of bytes that begins anew with each session. */
export class BitRate {
  /** @type {{at_ms: number, bytes: number} | null} */
  #last = null;

  /** Forgets the counter: another session's comes. */
  begin() {
    this.#last = null;
  }

  /**
   * @param {number} at_ms
   * @param {number} bytes
   * @returns {number} since the call before; 0 at the first
   */
  since(at_ms, bytes) {
    const before = this.#last;
    this.#last = { at_ms, bytes };
    if (before === null || at_ms <= before.at_ms || bytes < before.bytes) return 0;
    return Math.round(((bytes - before.bytes) * 8_000) / (at_ms - before.at_ms));
  }
}

/** A pause that may be cut short: the one timer of a player or publisher. */
export class Pause {
  #environment;
  /** @type {(() => void) | null} */
  #end = null;

  /** @param {Environment} environment */
  constructor(environment) {
    this.#environment = environment;
  }

  /**
   * @param {number} length_ms
   * @returns {Promise<void>} when the time is over or `cut` was called
   */
  take(length_ms) {
    return new Promise((resolve) => {
      const timer = this.#environment.setTimer(() => this.cut(), length_ms);
      this.#end = () => {
        this.#end = null;
        this.#environment.clearTimer(timer);
        resolve();
      };
    });
  }

  /** Ends the pause now, if there is one. */
  cut() {
    this.#end?.();
  }
}
