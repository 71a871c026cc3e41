/** Keeps the screen on while it is wanted, by one wake lock at most. */

export class Awake {
  #ask;
  #wanted = false;
  #asking = false;
  /** @type {WakeLockSentinel | null} */
  #lock = null;

  /** @param {() => Promise<WakeLockSentinel> | undefined} [ask] for tests; undefined where the browser has no wake locks */
  constructor(ask = () => globalThis.navigator?.wakeLock?.request("screen")) {
    this.#ask = ask;
  }

  /** Keeps the screen on from now on, or lets it go. The browser takes locks back from pages out of sight: say it again. @param {boolean} wanted */
  async want(wanted) {
    this.#wanted = wanted;
    if (!wanted) return this.#release();
    if (this.#lock !== null || this.#asking) return;
    this.#asking = true;
    try {
      const lock = (await this.#ask()) ?? null;
      lock?.addEventListener("release", () => { if (this.#lock === lock) this.#lock = null; });
      this.#lock = lock;
    } catch {
      // A battery saver may refuse; the show goes on.
    } finally {
      this.#asking = false;
    }
    if (!this.#wanted) this.#release();
  }

  #release() {
    this.#lock?.release().catch(() => {});
    this.#lock = null;
  }
}
