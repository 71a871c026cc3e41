/**
 * A tab's memory of what it had on the air, so that a page which is loaded again goes on by itself.
 *
 * It is good for half a minute: a tab that is restored an hour later does not take the show from whoever sends it now.
 * A duplicated tab begins with a copy of the storage while the first one is on air, so a mark counts only when its page
 * has gone, or was killed and is loaded again. A mark is taken out of the storage as soon as it is read.
 */

export const FRESH_MS = 30_000;
const NAME = "liveshop.on_air";

/** @returns {boolean} whether this page is one that was loaded again */
function wasReloaded() {
  const [how] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  return how?.type === "reload";
}

export class OnAirMark {
  #show_id;
  #storage;
  #now_ms;
  /** @type {number | null} when this tab was last known to be on the air */
  #at_ms;

  /**
   * @param {string} show_id
   * @param {object} [wiring] for tests
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} [wiring.storage] of the tab
   * @param {() => number} [wiring.now_ms] a clock that goes on from page to page
   * @param {() => boolean} [wiring.reloaded]
   */
  constructor(show_id, { storage = sessionStorage, now_ms = Date.now, reloaded = wasReloaded } = {}) {
    this.#show_id = show_id;
    this.#storage = storage;
    this.#now_ms = now_ms;
    const before = read(storage.getItem(NAME));
    storage.removeItem(NAME);
    this.#at_ms = before?.show_id === show_id && (before.has_gone || reloaded()) ? before.at_ms : null;
  }

  /** Whether this tab was on the air a moment ago. */
  get isFresh() {
    return this.#at_ms !== null && this.#now_ms() - this.#at_ms < FRESH_MS;
  }

  /** It is on the air now. */
  renew() {
    this.#at_ms = this.#now_ms();
    this.#write(false);
  }

  /** The page goes, and may be loaded again. */
  leave() {
    if (this.#at_ms !== null) this.#write(true);
  }

  /** It is off the air for good. */
  clear() {
    this.#at_ms = null;
    this.#storage.removeItem(NAME);
  }

  /** @param {boolean} has_gone */
  #write(has_gone) {
    this.#storage.setItem(NAME, JSON.stringify({ show_id: this.#show_id, at_ms: this.#at_ms, has_gone }));
  }
}

/** @param {string | null} text @returns {{show_id: string, at_ms: number, has_gone: boolean} | null} */
function read(text) {
  try {
    const mark = JSON.parse(text ?? "null");
    return typeof mark?.at_ms === "number" ? mark : null;
  } catch {
    return null;
  }
}
