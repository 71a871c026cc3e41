/**
 * What is inside a comment: names of people, addresses, emoji. Pure; the text itself is never changed.
 *
 * A mention is "@" before a name shown in this room, the longest that fits: names are unique there, so no id has
 * to travel with the text. An address is a link only when the room approves its host.
 */

const ADDRESS = /https?:\/\/[^\s<>"'`]{1,300}/giu;
const AFTER_ADDRESS = /[.,;:!?)\]}。，、！？）】」]+$/u;
const WORD = /[\p{L}\p{N}_]/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}|\p{Regional_Indicator}|[0-9#*]\uFE0F?\u20E3/u;
const LARGE_EMOJI_MOST = 6;
const ADDRESS_SHOWN_CHARS = 40;
const OFFERED_MOST = 5;

/**
 * @typedef {{kind: "text", text: string}} TextPart
 * @typedef {{kind: "mention", text: string, name: string}} MentionPart
 * @typedef {{kind: "link", text: string, href: string}} LinkPart
 * @typedef {TextPart | MentionPart | LinkPart} Part
 */

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** @param {string} text @returns {boolean} whether it is one to six emoji and nothing else */
export function onlyEmoji(text) {
  const signs = [...graphemes.segment(text.replace(/\s+/gu, ""))];
  return signs.length > 0 && signs.length <= LARGE_EMOJI_MOST && signs.every(({ segment }) => EMOJI.test(segment));
}

/**
 * Whether a host is one of the approved or lies under one of them.
 * @param {string} host
 * @param {readonly string[]} approved such as "shop.example"
 */
export function isApproved(host, approved) {
  const bare = host.toLowerCase();
  return approved.some((one) => bare === one.toLowerCase() || bare.endsWith(`.${one.toLowerCase()}`));
}

/**
 * The text in parts, in order; put together their `text` is what was said, but for addresses too long to show.
 * @param {string} text
 * @param {readonly string[]} names shown in this room
 * @param {(host: string) => boolean} approves whether an address of this host becomes a link
 * @returns {Part[]}
 */
export function textParts(text, names, approves) {
  /** @type {Part[]} */
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = found[0].replace(AFTER_ADDRESS, "");
    const link = linkTo(address, approves);
    if (!link) continue;
    parts.push(...mentionsIn(text.slice(from, found.index), names), link);
    from = found.index + address.length;
  }
  return [...parts, ...mentionsIn(text.slice(from), names)];
}

/** @param {string} address @param {(host: string) => boolean} approves @returns {LinkPart | null} */
function linkTo(address, approves) {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  // "https://shop.example@elsewhere.example" leads elsewhere: nobody writes that by honest mistake.
  if (url.username || url.password || !approves(url.hostname)) return null;
  const rest = `${url.pathname}${url.search}`.replace(/^\/$/, "");
  const shown = `${url.host}${rest}`;
  return { kind: "link", href: url.href, text: shown.length > ADDRESS_SHOWN_CHARS ? `${shown.slice(0, ADDRESS_SHOWN_CHARS)}…` : shown };
}

/** @param {string} text @param {readonly string[]} names @returns {Part[]} */
function mentionsIn(text, names) {
  /** @type {Part[]} */
  const parts = [];
  let from = 0;
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    const name = at > 0 && WORD.test(text[at - 1]) ? null : nameAt(text, at + 1, names);
    if (name === null) continue;
    if (at > from) parts.push({ kind: "text", text: text.slice(from, at) });
    from = at + 1 + name.length;
    parts.push({ kind: "mention", text: text.slice(at, from), name });
  }
  if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
  return parts;
}

/** The longest name that stands here and ends here. @param {string} text @param {number} at @param {readonly string[]} names */
function nameAt(text, at, names) {
  /** @type {string | null} */
  let best = null;
  for (const name of names) {
    if (name.length <= (best?.length ?? 0) || !same(text.slice(at, at + name.length), name)) continue;
    const last = [...name].at(-1) ?? "";
    // Chinese goes on without a space: there a name ends where it ends.
    const goesOn = /[\p{Script=Latin}\p{Script=Cyrillic}\p{N}]/u.test(last) && WORD.test(text[at + name.length] ?? "");
    if (!goesOn) best = name;
  }
  return best;
}

/** @param {string} one @param {string} other */
function same(one, other) {
  return one === other || one.toLocaleLowerCase() === other.toLocaleLowerCase();
}

/** @param {string} text @param {string} name @returns {boolean} whether the text speaks to this person */
export function mentions(text, name) {
  return name !== "" && text.includes("@") && mentionsIn(text, [name]).some(({ kind }) => kind === "mention");
}

/**
 * What is being completed: the "@" before the caret and the letters since.
 * @param {string} text
 * @param {number} caret
 * @returns {{at: number, begun: string} | null}
 */
export function mentionBegun(text, caret) {
  const before = text.slice(0, caret);
  const at = before.lastIndexOf("@");
  if (at === -1 || (at > 0 && WORD.test(before[at - 1]))) return null;
  const begun = before.slice(at + 1);
  return begun.length > 40 || /[@\n]|\s\S*\s/u.test(begun) ? null : { at, begun };
}

/**
 * Names that go on as begun, those who spoke last first.
 * @param {readonly string[]} names oldest first
 * @param {string} begun
 * @param {string} own is not offered
 * @returns {string[]}
 */
export function namesBegun(names, begun, own) {
  const wanted = begun.toLocaleLowerCase();
  const found = [...names].reverse().filter((name) => name !== own && name.toLocaleLowerCase().startsWith(wanted));
  // What is written out needs no offer.
  return found.some((name) => name.toLocaleLowerCase() === wanted) ? [] : found.slice(0, OFFERED_MOST);
}

/**
 * @param {string} text
 * @param {number} caret
 * @param {string} name
 * @returns {{text: string, caret: number}} with the begun mention written out
 */
export function withMention(text, caret, name) {
  const begun = mentionBegun(text, caret);
  const at = begun ? begun.at : caret;
  const head = `${text.slice(0, at)}@${name} `;
  return { text: head + text.slice(caret).replace(/^ /, ""), caret: head.length };
}

/**
 * Who spoke, once each, the last speaker last.
 * @param {readonly {name: string}[]} comments oldest first
 * @returns {string[]}
 */
export function namesOf(comments) {
  const names = new Set();
  for (const { name } of [...comments].reverse()) names.add(name);
  return [...names].reverse();
}
