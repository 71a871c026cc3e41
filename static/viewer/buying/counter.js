/**
 * The shop's counter as this page sees it: holds, orders, payment. Each press has one idempotency key, the same
 * over the room and over HTTP, so that a lost answer is asked for again and nothing is bought twice.
 */

import { newKey } from "../../lib/ids.js";
import { viaOf } from "../../lib/visitor/via.js";

const ROOM_ANSWERS_WITHIN_MS = 6_000;
const ASK_IN_LINE_EVERY_MS = 1_000;

/** @typedef {import("../../lib/types.js").Reservation} Reservation */
/** @typedef {import("../../lib/types.js").Place} Place */
/** @typedef {import("../../lib/types.js").Order} Order */
/** @typedef {{variant: string, sale: string | null, quantity: number, price_version: number}} Line */
/** @typedef {import("../../lib/types.js").Quote} Quote */
/** @typedef {{position: number | null, estimate_ms: number}} Queued position 1 is next, null before the draw */
/** @typedef {{reservations?: string[], lines?: Line[], show?: string}} Wanted what is held, or lines that are held when payment begins */
/**
 * @typedef {Wanted & {contact: import("../../lib/types.js").Contact, address: Partial<import("../../lib/types.js").Address>, announce: boolean,
 *   save: boolean, shipping: string | null, total_minor: number, method: string, means: string | null}} Checkout
 */

export class Counter {
  #api;
  #room;
  #show;

  /**
   * @param {import("../../lib/server/api.js").Api} api
   * @param {import("../../lib/room/room.js").RoomClient} room
   * @param {{id: string, shop: {id: string}}} show
   */
  constructor(api, room, show) {
    this.#api = api;
    this.#room = room;
    this.#show = show;
  }

  /**
   * Holds units for this person. In an overrun sale that takes its time, and `onQueued` hears of the place in line.
   * @param {Line[]} lines
   * @param {(queued: Queued) => void} [onQueued]
   * @returns {Promise<Reservation>}
   */
  async reserve(lines, onQueued = () => {}) {
    const path = `/shops/${this.#show.shop.id}/reservations`;
    const stop = this.#room.on("you", (frame) => frame.event === "queued" && onQueued(/** @type {any} */ (frame)));
    try {
      return await this.#either("reserve", { lines }, (key) => this.#inLine(() => this.#api.post(path, { show: this.#show.id, lines }, { key }), onQueued));
    } finally {
      stop();
    }
  }

  /**
   * Asks again, under the same key, while the answer is that this person stands in line.
   * @param {() => Promise<any>} ask
   * @param {(queued: Queued) => void} onQueued
   */
  async #inLine(ask, onQueued) {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const { code, facts } = /** @type {{code?: string, facts?: any}} */ (error);
        if (code !== "queued") throw error;
        onQueued(facts);
        await new Promise((resolve) => { setTimeout(resolve, ASK_IN_LINE_EVERY_MS); });
      }
    }
  }

  /** @param {string} reservation @param {string} pool @param {number} quantity @returns {Promise<Reservation>} */
  async change(reservation, pool, quantity) {
    const body = { pool, quantity };
    return this.#either("change", { reservation, ...body }, (key) => this.#api.patch(this.#path(reservation), body, { key }));
  }

  /**
   * Takes another variant in place of the one that is held.
   * @param {string} reservation
   * @param {string} pool
   * @param {Line} to
   * @returns {Promise<Reservation>}
   */
  async swap(reservation, pool, to) {
    return this.#learn(await this.#api.patch(this.#path(reservation), { pool, quantity: to.quantity, to }, { key: true }));
  }

  /**
   * What reservations cost at a place.
   * @param {{reservations?: string[], lines?: Line[], country: string, region: string | null, shipping: string | null}} wanted
   * @returns {Promise<Quote>}
   */
  quote(wanted) {
    return this.#api.post(`/shops/${this.#show.shop.id}/quote`, wanted);
  }

  /** @param {string} reservation @returns {Promise<Reservation>} */
  async release(reservation) {
    return this.#either("release", { reservation }, (key) => this.#api.delete(this.#path(reservation), undefined, { key }));
  }

  /**
   * Takes the last place in the line for units that are held or sold.
   * @param {{variant: string, sale: string | null}} wanted
   * @returns {Promise<Place>}
   */
  async wait({ variant, sale }) {
    const path = `/shops/${this.#show.shop.id}/waitlist`;
    const body = { variant, sale, quantity: 1 };
    const answer = await this.#ask("wait", body, (key) => this.#api.post(path, { ...body, show: this.#show.id }, { key }));
    const place = answer.place ?? answer;
    await this.places().catch(() => {}); // the place is there; where it stands among others is only shown
    return place;
  }

  /** @param {string} pool */
  async leave(pool) {
    await this.#api.delete(`/shops/${this.#show.shop.id}/waitlist/${pool}`);
    await this.places();
  }

  /** Reads again what this person waits for. @returns {Promise<Place[]>} */
  async places() {
    const { places } = await this.#api.get(`/shops/${this.#show.shop.id}/waitlist`);
    this.#room.learn({ event: "places", places });
    return places;
  }

  /**
   * Makes the order and its first payment.
   * @param {Checkout} checkout
   * @param {string} key the same for each press of the same Pay button
   * @returns {Promise<{order: Order, pay_url: string | null}>}
   */
  placeOrder(checkout, key) {
    const body = { ...checkout, return_url: `/shows/${this.#show.id}`, via: viaOf(this.#show.id, Date.now()) };
    return this.#api.post(`/shops/${this.#show.shop.id}/orders`, body, { key });
  }

  /** @param {string} order @returns {Promise<{order: Order, pay_url: string | null}>} */
  payAgain(order) {
    return this.#api.post(`/orders/${order}/pay`, {}, { key: true });
  }

  /** @param {string} order @returns {Promise<Order>} */
  async cancel(order) {
    const answer = await this.#api.post(`/orders/${order}/cancel`, {}, { key: true });
    return answer?.order ?? answer;
  }

  /** @param {string} order @returns {Promise<Order>} */
  async order(order) {
    const answer = await this.#api.get(`/orders/${order}`);
    return answer.order ?? answer;
  }

  /** @param {string} reservation */
  #path(reservation) {
    return `/shops/${this.#show.shop.id}/reservations/${reservation}`;
  }

  /**
   * Through the room while it is open, else (or when it gives no answer) over HTTP with the same key.
   * @param {string} type
   * @param {Record<string, unknown>} body
   * @param {(key: string) => Promise<any>} overHttp
   * @returns {Promise<Reservation>}
   */
  async #either(type, body, overHttp) {
    return this.#learn(await this.#ask(type, body, overHttp));
  }

  /**
   * @param {string} type
   * @param {Record<string, unknown>} body
   * @param {(key: string) => Promise<any>} overHttp
   * @returns {Promise<any>}
   */
  async #ask(type, body, overHttp) {
    const key = newKey();
    if (this.#room.status === "open") {
      try {
        return await this.#room.request(type, body, { key, timeout_ms: ROOM_ANSWERS_WITHIN_MS });
      } catch (error) {
        if (/** @type {{code?: string}} */ (error).code !== "offline") throw error;
      }
    }
    return overHttp(key);
  }

  /** @param {any} answer @returns {Reservation} */
  #learn(answer) {
    const reservation = answer?.reservation ?? answer;
    if (reservation?.id) this.#room.learn({ event: "reservation", reservation });
    return reservation;
  }
}
