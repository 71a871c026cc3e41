/** Random names that a client makes up: operation keys, tab names. */

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const KEY_CHARS = 26;

/**
 * A fresh idempotency key: 26 base32 characters, 130 bits of the browser's own randomness.
 * @param {(bytes: Uint8Array) => Uint8Array} [fill] fills the array with random bytes
 * @returns {string}
 */
export function newKey(fill = (bytes) => crypto.getRandomValues(bytes)) {
  const bytes = fill(new Uint8Array(KEY_CHARS));
  let key = "";
  for (const byte of bytes) key += ALPHABET[byte & 31];
  return key;
}
