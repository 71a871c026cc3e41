/**
 * What is inside a comment: names of people, addresses, emoji. Pure; the text itself is never changed.
 *
 * A mention is "@" before a name shown in this room, the longest that fits: names are unique there, so no id has
 * to travel with the text. What is a link says links.js; the room shows no comment whose links its gate did not let
 * pass, so every one of them may be opened.
 */

import { linksIn } from "./links.js";

const WORD = /[\p{L}\p{N}_]/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}|\p{Regional_Indicator}|[0-9#*]\uFE0F?\u20E3/u;
const LARGE_EMOJI_MOST = 6;
const OFFERED_MOST = 5;

/**
 * @typedef {{kind: "text", text: string}} TextPart
 * @typedef {{kind: "mention", text: string, name: string}} MentionPart
 * @typedef {import("./links.js").LinkPart} LinkPart
 * @typedef {TextPart | MentionPart | LinkPart} Part
 */

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** @param {string} text @returns {boolean} whether it is one to six emoji and nothing else */
export function onlyEmoji(text) {
  const signs = [...graphemes.segment(text.replace(/\s+/gu, ""))];
  return signs.length > 0 && signs.length <= LARGE_EMOJI_MOST && signs.every(({ segment }) => EMOJI.test(segment));
}

/**
 * The text in parts, in order; put together their `text` is what was said, but for addresses too long to show.
 * @param {string} text
 * @param {readonly string[]} names shown in this room
 * @param {string} [own_host] this server's host and port
 * @returns {Part[]}
 */
export function textParts(text, names, own_host) {
  /** @type {Part[]} */
  const parts = [];
  let done = 0;
  for (const { from, to, link } of linksIn(text, own_host)) {
    parts.push(...mentionsIn(text.slice(done, from), names), link);
    done = to;
  }
  return [...parts, ...mentionsIn(text.slice(done), names)];
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
