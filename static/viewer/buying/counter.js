/**
 * The shop's counter as this page sees it: holds, orders, payment. Each press has one idempotency key, the same
 * over the room and over HTTP, so that a lost answer is asked for again and nothing is bought twice.
 */

import { newKey } from "../../lib/ids.js";

const ROOM_ANSWERS_WITHIN_MS = 6_000;

/** @typedef {import("../../lib/types.js").Reservation} Reservation */
/** @typedef {import("../../lib/types.js").Order} Order */
/** @typedef {{variant: string, sale: string | null, quantity: number, price_version: number}} Line */
/** @typedef {import("../../lib/types.js").Quote} Quote */
/**
 * @typedef {{reservations: string[], contact: import("../../lib/types.js").Contact, address: Partial<import("../../lib/types.js").Address>, announce: boolean,
 *   save: boolean, shipping: string | null, total_minor: number, method: string, means: string | null}} Checkout
 */

export class Counter {
  #api;
  #room;
  #show;

  /**
   * @param {import("../../lib/api.js").Api} api
   * @param {import("../../lib/room.js").RoomClient} room
   * @param {{id: string, shop: {id: string}}} show
   */
  constructor(api, room, show) {
    this.#api = api;
    this.#room = room;
    this.#show = show;
  }

  /**
   * Holds units for this person.
   * @param {Line[]} lines
   * @returns {Promise<Reservation>}
   */
  async reserve(lines) {
    const path = `/shops/${this.#show.shop.id}/reservations`;
    return this.#either("reserve", { lines }, (key) => this.#api.post(path, { show: this.#show.id, lines }, { key }));
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
   * @param {{reservations: string[], country: string, region: string | null, shipping: string | null}} wanted
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
   * Makes the order and its first payment.
   * @param {Checkout} checkout
   * @param {string} key the same for each press of the same Pay button
   * @returns {Promise<{order: Order, pay_url: string | null}>}
   */
  placeOrder(checkout, key) {
    const body = { ...checkout, return_url: `/shows/${this.#show.id}` };
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
    const key = newKey();
    if (this.#room.status === "open") {
      try {
        return this.#learn(await this.#room.request(type, body, { key, timeout_ms: ROOM_ANSWERS_WITHIN_MS }));
      } catch (error) {
        if (/** @type {{code?: string}} */ (error).code !== "offline") throw error;
      }
    }
    return this.#learn(await overHttp(key));
  }

  /** @param {any} answer @returns {Reservation} */
  #learn(answer) {
    const reservation = answer?.reservation ?? answer;
    if (reservation?.id) this.#room.learn({ event: "reservation", reservation });
    return reservation;
  }
}
