/**
 * The shop's time on this screen. One clock decides what is open (the shop's); this one follows it by offset and
 * runs on a monotonic clock, so that somebody who sets the device's time changes no countdown.
 */

const SAMPLES_KEPT = 16;
const SECOND_MS = 1000;
const DAY_MS = 86_400_000;

export class Clock {
  /** @type {() => number} */
  #monotonic_ms;
  /** @type {number[]} shop time less monotonic time, newest last */
  #offsets_ms = [];
  #offset_ms;

  /**
   * @param {() => number} [monotonic_ms] never goes back
   * @param {() => number} [wall_ms] the device's own idea of the time, used until the shop has spoken
   */
  constructor(monotonic_ms = () => performance.now(), wall_ms = () => Date.now()) {
    this.#monotonic_ms = monotonic_ms;
    this.#offset_ms = wall_ms() - monotonic_ms();
  }

  /**
   * Takes a time stamp that has just arrived. A stamp is late by its way here, so the largest offset of the
   * last few is the best one.
   * @param {number} shop_time_ms
   */
  sync(shop_time_ms) {
    this.#offsets_ms.push(shop_time_ms - this.#monotonic_ms());
    if (this.#offsets_ms.length > SAMPLES_KEPT) this.#offsets_ms.shift();
    this.#offset_ms = Math.max(...this.#offsets_ms);
  }

  /** Forgets all samples: the shop said that its clock was set (`clock_stepped`). */
  reset() {
    this.#offsets_ms = [];
  }

  /** @returns {number} the shop's time now, milliseconds since 1970 */
  now_ms() {
    return Math.round(this.#offset_ms + this.#monotonic_ms());
  }

  /**
   * @param {number} deadline_ms
   * @returns {number} milliseconds left, never below zero
   */
  left_ms(deadline_ms) {
    return Math.max(0, deadline_ms - this.now_ms());
  }

  /** @returns {number} milliseconds until the shop's second changes: when to draw a countdown again */
  toNextSecond_ms() {
    return SECOND_MS - (this.now_ms() % SECOND_MS);
  }
}

/**
 * What is left as figures: "0:42", "12:05", "1:02:03", "3:04:05:06" from a day on.
 * Rounded up, so that 0:00 is shown only when nothing is left.
 * @param {number} left_ms
 * @returns {string}
 */
export function formatLeft(left_ms) {
  const all_s = Math.ceil(Math.max(0, left_ms) / SECOND_MS);
  const parts = [Math.floor(all_s / 86400), Math.floor(all_s / 3600) % 24, Math.floor(all_s / 60) % 60, all_s % 60];
  while (parts.length > 2 && parts[0] === 0) parts.shift();
  return parts.map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
}

/**
 * The time of day of a moment where the reader is: "14:32", "2:32 PM".
 * @param {number} at_ms
 * @param {string} language BCP 47 tag
 * @returns {string}
 */
export function formatTime(at_ms, language) {
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(at_ms);
}

/**
 * Day and time where the reader is: "Sat, Nov 28, 8:00 PM", or "tomorrow, 8:00 PM" when it is that near.
 * @param {number} at_ms
 * @param {string} language BCP 47 tag
 * @param {number} now_ms
 * @returns {string}
 */
export function formatDay(at_ms, language, now_ms) {
  const days = daysApart(now_ms, at_ms);
  const day = Math.abs(days) <= 1
    ? new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day")
    : new Intl.DateTimeFormat(language, { weekday: "short", month: "short", day: "numeric" }).format(at_ms);
  return `${day}${language.startsWith("zh") ? " " : ", "}${formatTime(at_ms, language)}`;
}

/**
 * Midnights between two moments where the reader is.
 * @param {number} from_ms
 * @param {number} to_ms
 * @returns {number} below zero when `to_ms` lies on an earlier day
 */
function daysApart(from_ms, to_ms) {
  const [from, to] = [from_ms, to_ms].map((at_ms) => new Date(at_ms).setHours(0, 0, 0, 0));
  return Math.round((to - from) / DAY_MS);
}

/**
 * The reader's time zone as people call it: "Central European Time".
 * @param {string} language BCP 47 tag
 * @returns {string}
 */
export function zoneName(language) {
  const parts = new Intl.DateTimeFormat(language, { timeZoneName: "longGeneric" }).formatToParts();
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}
