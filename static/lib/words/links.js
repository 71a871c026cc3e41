/**
 * Which addresses in a comment are links, and how they are shown. Pure.
 *
 * A link is "http://", "https://" or "www." before a host of at least two labels, then a port and a path if there are
 * any. The server's gate calls the same a link and finds more besides (realtime/moderation/links.py): whatever becomes
 * one here was judged there. Both sides' tests read tests/realtime/moderation/link_cases.json.
 *
 * What would lead elsewhere than it reads is no link: a name before an "@", an escaped host, a number that stands for
 * an address. The host is always shown whole; one with letters that pass for others is shown as punycode, after the
 * rules of browsers' own address bars (UTS 39, section 5.2, and stricter: letters that pass for Latin ones never
 * stand beside a Latin ending).
 */

const ADDRESS = /(https?:\/\/|www\.)([\p{L}\p{N}\p{M}-]+(?:\.[\p{L}\p{N}\p{M}-]+)+)(:\d{1,5})?([/?#][^\s<>"'`\\。，、！？；：）】」》]{0,2000})?/giu;
const GOES_ON_BEFORE = /[a-z0-9_@.:/\\%-]/iu;
const GOES_ON_AFTER = /^(?:[a-z0-9_@\\%]|:\S)/iu;
const AFTER_ADDRESS = /[.,;:!?)\]}]+$/u;
const SHOWN_CHARS = 40;

const PLAIN_HOST = /^[a-z0-9.-]+$/u;
const LATIN_HOST = /^[a-z0-9.\-ß-öø-İĲ-ķĹ-ľŁ-ňŊ-žơưạ-ỹ]+$/u;
// Label by label: a Katakana "ノ" between Latin letters passes for a slash.
const EAST_ASIAN = "[0-9\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Bopomofo}ー]+";
const EAST_ASIAN_HOST = new RegExp(`^(?:[a-z0-9-]+|${EAST_ASIAN})(?:\\.(?:[a-z0-9-]+|${EAST_ASIAN}))+$`, "u");
const ONE_SCRIPT_HOST = ["Cyrillic", "Greek", "Armenian", "Georgian", "Hebrew", "Arabic", "Thai", "Devanagari", "Bengali", "Tamil"]
  .map((script) => new RegExp(`^[0-9\\p{Script=${script}}\\p{M}.-]+$`, "u"));
const LOOKS_LIKE_NO_OTHER = Object.freeze([PLAIN_HOST, LATIN_HOST, EAST_ASIAN_HOST, ...ONE_SCRIPT_HOST]);

/**
 * @typedef {{kind: "link", text: string, href: string, own: boolean}} LinkPart
 *   text: as it was typed, cut behind the host when long; own: it leads to this very server
 */

/**
 * The links of a text with their places, in order.
 * @param {string} text
 * @param {string} [own_host] this server's host and port
 * @returns {{from: number, to: number, link: LinkPart}[]}
 */
export function linksIn(text, own_host = "") {
  const links = [];
  for (const found of text.matchAll(ADDRESS)) {
    const [whole, scheme, host, port = "", path = ""] = found;
    const behind = text.slice(found.index + whole.length);
    if (GOES_ON_BEFORE.test(text.charAt(found.index - 1)) || (!path && GOES_ON_AFTER.test(behind))) continue;
    const link = linkTo(scheme, host, port, path.replace(AFTER_ADDRESS, ""), own_host);
    if (link) links.push({ from: found.index, to: found.index + whole.length - trailing(path), link });
  }
  return links;
}

/** @param {string} path @returns {number} how many of its last signs belong to the sentence */
function trailing(path) {
  return AFTER_ADDRESS.exec(path)?.[0].length ?? 0;
}

/**
 * @param {string} scheme "www." when there is none
 * @param {string} host
 * @param {string} port with its colon, or ""
 * @param {string} path
 * @param {string} own_host
 * @returns {LinkPart | null}
 */
function linkTo(scheme, host, port, path, own_host) {
  const bare = !scheme.includes(":");
  const address = `${bare ? `https://${scheme}` : scheme}${host}${port}${path}`;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const written = bare ? scheme + host : host;
  const typed = written.toLowerCase();
  // An ASCII host that is read as another one is a number in disguise; what is no host at all is none here.
  if (!PLAIN_HOST.test(url.hostname) || (PLAIN_HOST.test(typed) && url.hostname !== typed)) return null;
  const shown = LOOKS_LIKE_NO_OTHER.some((looks) => looks.test(typed)) ? written : url.hostname;
  const head = `${bare ? "" : scheme}${shown}${port}`;
  return { kind: "link", href: url.href, text: shortened(head, path), own: url.host === own_host };
}

/** @param {string} head is never cut @param {string} path */
function shortened(head, path) {
  const signs = [...path];
  const room = Math.max(0, SHOWN_CHARS - head.length);
  return signs.length > room + 1 ? `${head}${signs.slice(0, room).join("")}…` : head + path;
}
