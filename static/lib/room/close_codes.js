/** The room's close codes. 4000-4499 (and the network's own) mean: come back; 4500-4999: do not. */

/** @type {Readonly<Record<number, string>>} */
export const CLOSE_NAMES = Object.freeze({
  4000: "drain",
  4001: "too_slow",
  4002: "heartbeat_missed",
  4003: "server_error",
  4008: "rate_limited",
  4500: "bad_message",
  4501: "hello_missing",
  4502: "unauthorised",
  4503: "banned",
  4504: "no_such_show",
  4505: "origin_refused",
  4506: "version",
  4507: "too_many_connections",
  4508: "signed_out",
});

/**
 * Whether a client should come back after this close code.
 * @param {number} code
 * @returns {boolean}
 */
export function mayComeBack(code) {
  return code < 4500 || code > 4999;
}

/**
 * @param {number} code
 * @returns {string} the reason's stable name; "lost" for the network's own codes
 */
export function closeName(code) {
  return CLOSE_NAMES[code] ?? "lost";
}
