/**
 * The HTTP client of `/api/v1`. The access token lives in this object's memory only; the refresh token is an
 * HttpOnly cookie this code never sees. Every failure is an `ApiError` with the stable code of the server.
 */

import { newKey } from "../ids.js";

const JSON_TYPE = "application/json";

/** @typedef {import("../types.js").SessionAnswer} SessionAnswer */
/**
 * @typedef {{key?: string | true, anonymous?: boolean, headers?: Record<string, string>, signal?: AbortSignal, file?: boolean, etag?: string}} Options
 *   file: the answer is one, and comes as a Blob; etag: what is known already, "" nothing
 */

/**
 * A refusal or a failure. `code` is the server's, or "offline" (no answer came), or "unknown".
 * `facts` are the members of the problem document beside the standard ones.
 */
export class ApiError extends Error {
  /**
   * @param {string} code
   * @param {number} status 0 when no answer came
   * @param {string} detail
   * @param {Record<string, any>} [facts]
   * @param {number | null} [retry_after_ms]
   */
  constructor(code, status, detail, facts = {}, retry_after_ms = null) {
    super(detail);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.facts = facts;
    this.retry_after_ms = retry_after_ms;
  }
}

export class Api {
  #base;
  #fetch;
  #token = "";
  /** BCP 47 tag the server writes mails in; "" leaves it to the browser. */
  language = "";
  /** @type {Promise<boolean> | null} one refresh at a time */
  #refreshing = null;
  /** @type {(answer: SessionAnswer | null) => void} */
  #onSession = () => {};

  /**
   * @param {{base?: string, fetch?: typeof fetch}} [wiring]
   */
  constructor({ base = "/api/v1", fetch: fetcher = (...args) => fetch(...args) } = {}) {
    this.#base = base;
    this.#fetch = fetcher;
  }

  /** @returns {string} the access token, "" when nobody is signed in */
  get token() {
    return this.#token;
  }

  /**
   * @param {(answer: SessionAnswer | null) => void} listener called with each new session, null when it is over
   */
  set onSession(listener) {
    this.#onSession = listener;
  }

  /** @param {SessionAnswer | null} answer */
  adopt(answer) {
    this.#token = answer?.access_token ?? "";
    this.#onSession(answer);
  }

  /** @param {string} path @param {Options} [options] @returns {Promise<any>} */
  get(path, options) {
    return this.#call("GET", path, undefined, options);
  }

  /**
   * A file, such as a PDF.
   * @param {string} path @returns {Promise<Blob>}
   */
  file(path) {
    return this.#call("GET", path, undefined, { file: true });
  }

  /**
   * What has changed since an answer with this ETag; null when nothing has.
   * @param {string} path
   * @param {string} etag "" when there was no answer yet
   * @returns {Promise<{value: any, etag: string} | null>}
   */
  changed(path, etag) {
    return this.#call("GET", path, undefined, { etag });
  }

  /** @param {string} path @param {unknown} [body] @param {Options} [options] @returns {Promise<any>} */
  post(path, body, options) {
    return this.#call("POST", path, body, options);
  }

  /** @param {string} path @param {unknown} [body] @param {Options} [options] @returns {Promise<any>} */
  put(path, body, options) {
    return this.#call("PUT", path, body, options);
  }

  /** @param {string} path @param {unknown} [body] @param {Options} [options] @returns {Promise<any>} */
  patch(path, body, options) {
    return this.#call("PATCH", path, body, options);
  }

  /** @param {string} path @param {unknown} [body] @param {Options} [options] @returns {Promise<any>} */
  delete(path, body, options) {
    return this.#call("DELETE", path, body, options);
  }

  /**
   * A new access token by the cookie. Callers at the same moment share one request.
   * @returns {Promise<boolean>} false when there is no session any more
   * @throws {ApiError} when the server could not be asked
   */
  refresh() {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refresh() {
    try {
      this.adopt(await this.#once("POST", "/session", {}, { anonymous: true }));
      return true;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      this.adopt(null);
      return false;
    }
  }

  /** @param {string} method @param {string} path @param {unknown} body @param {Options} [options] */
  async #call(method, path, body, options = {}) {
    // One key for both tries: the second is the same operation.
    const settled = options.key === true ? { ...options, key: newKey() } : options;
    try {
      return await this.#once(method, path, body, settled);
    } catch (error) {
      const stale = error instanceof ApiError && error.status === 401 && this.#token && !settled.anonymous;
      if (!stale || !(await this.refresh())) throw error;
      return this.#once(method, path, body, settled);
    }
  }

  /** @param {string} method @param {string} path @param {unknown} body @param {Options} options */
  async #once(method, path, body, options) {
    const raw = body instanceof Blob || body instanceof ArrayBuffer;
    /** @type {Record<string, string>} */
    const headers = { Accept: options.file ? "*/*" : JSON_TYPE, ...options.headers };
    if (this.language) headers["Accept-Language"] = this.language;
    if (body !== undefined && !raw) headers["Content-Type"] = JSON_TYPE;
    if (this.#token && !options.anonymous) headers.Authorization = `Bearer ${this.#token}`;
    if (options.etag) headers["If-None-Match"] = options.etag;
    if (typeof options.key === "string") headers["Idempotency-Key"] = options.key;
    const sent = body === undefined ? undefined : raw ? /** @type {BodyInit} */ (body) : JSON.stringify(body);
    const url = path.startsWith("/api/") ? path : this.#base + path;
    /** @type {Response} */
    let answer;
    try {
      answer = await this.#fetch(url, { method, headers, body: sent, credentials: "same-origin", signal: options.signal });
    } catch (cause) {
      if (options.signal?.aborted) throw cause;
      throw new ApiError("offline", 0, "No answer came from the server.");
    }
    if (answer.status === 304) return null;
    if (!answer.ok) throw await problemOf(answer);
    if (options.file) return answer.blob();
    if (options.etag !== undefined) return { value: await answer.json(), etag: answer.headers.get("ETag") ?? "" };
    return answer.status === 204 ? null : answer.json();
  }
}

/** @param {Response} answer @returns {Promise<ApiError>} */
async function problemOf(answer) {
  /** @type {Record<string, any>} */
  let problem = {};
  try {
    problem = await answer.json();
  } catch {
    // A proxy's error page: the status is all there is to know.
  }
  const { type, title, status, code, detail, ...facts } = problem;
  const after_s = Number(answer.headers.get("Retry-After") ?? NaN);
  const named = typeof code === "string" ? code : answer.status >= 500 ? "server_error" : "unknown";
  return new ApiError(named, answer.status, detail ?? title ?? answer.statusText, facts, Number.isFinite(after_s) ? after_s * 1000 : null);
}
