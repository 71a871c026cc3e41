/** The line to write a comment in: completes names after "@", and has a few emoji beside what the keyboard gives. */

import { html, useRef, useState } from "../vendor/preact.js";
import { mentionBegun, namesBegun, withMention } from "../lib/words/comment_text.js";
import { useApp } from "./app.js";
import { briefly } from "./comment_picture.js";
import { Icon } from "./icon.js";

export const EMOJI = Object.freeze(["😍", "😂", "🥰", "😮", "😢", "🤔", "👍", "👏", "🙏", "💪", "🔥", "✨", "🎉", "❤️", "💯", "👀", "🛍️", "🎁", "💸", "⏰", "📦", "👗", "☕", "🌸"]);

/** Focus stays where it is: the keyboard of a phone does not go away and come back. @param {Event} event */
export function stay(event) {
  event.preventDefault();
}

/**
 * @param {{id: string, label: string, placeholder: string, value: string, onText: (text: string) => void, names: string[], own: string,
 *   disabled?: boolean, invalid?: boolean, most: number, class?: string}} props names: who can be named, the last speaker last
 */
export function CommentBox({ id, label, placeholder, value, onText, names, own, disabled = false, invalid = false, most, class: extra = "" }) {
  const { t } = useApp();
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [caret, setCaret] = useState(0);
  const [marked, setMarked] = useState(0);
  const [away, setAway] = useState(false);
  const [emoji, setEmoji] = useState(false);
  const begun = disabled || away ? null : mentionBegun(value, Math.min(caret, value.length));
  const offered = begun ? namesBegun(names, begun.begun, own) : [];
  /** @param {string} text @param {number} at */
  const write = (text, at) => {
    onText(text);
    setCaret(at);
    requestAnimationFrame(() => {
      input.current?.focus({ preventScroll: true });
      input.current?.setSelectionRange(at, at);
    });
  };
  /** @param {string} name */
  const take = (name) => {
    const done = withMention(value, caret, name);
    write(done.text, done.caret);
  };
  /** @param {string} sign */
  const put = (sign) => {
    const at = input.current?.selectionStart ?? value.length;
    write(value.slice(0, at) + sign + value.slice(at), at + sign.length);
  };
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    if (event.key === "Escape" && (emoji || offered.length)) {
      event.stopPropagation();
      setEmoji(false);
      setAway(true);
    }
    if (!offered.length || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setMarked((marked + step + offered.length) % offered.length);
    else if (event.key === "Enter" || event.key === "Tab") take(offered[Math.min(marked, offered.length - 1)]);
    else return;
    event.preventDefault();
  };
  /** @param {{currentTarget: HTMLInputElement}} event */
  const follow = ({ currentTarget }) => setCaret(currentTarget.selectionStart ?? currentTarget.value.length);
  /** @param {{currentTarget: HTMLInputElement}} event */
  const onInput = (event) => {
    setAway(false);
    setMarked(0);
    follow(event);
    onText(event.currentTarget.value);
  };
  return html`<div class=${`say ${extra}`}>
    ${offered.length > 0 && html`<ul class="say__names" role="listbox" id=${`${id}-names`} aria-label=${t("comment.names")}>${offered.map((name, at) => html`<li key=${name} id=${`${id}-name-${at}`} role="option"
      aria-selected=${String(at === marked)} onMouseDown=${stay} onClick=${() => take(name)}>@${name}</li>`)}</ul>`}
    ${emoji && !disabled && html`<div class="say__emoji" role="group" aria-label=${t("comment.emoji")}>${EMOJI.map((sign) => html`<button key=${sign} type="button" onMouseDown=${stay} onClick=${() => put(sign)}>${sign}</button>`)}</div>`}
    <input id=${id} ref=${input} class="input say__input" type="text" autocomplete="off" enterkeyhint="send" maxlength=${most * 2} aria-label=${label} placeholder=${placeholder} disabled=${disabled}
      value=${value} aria-invalid=${invalid ? "true" : null} aria-controls=${offered.length ? `${id}-names` : null} aria-activedescendant=${offered.length ? `${id}-name-${marked}` : null}
      onInput=${onInput} onKeyDown=${onKeyDown} onKeyUp=${follow} onClick=${follow} />
    <button type="button" class="say__smile" aria-label=${t("comment.emoji")} title=${t("comment.emoji")} aria-expanded=${String(emoji)} disabled=${disabled} onMouseDown=${stay} onClick=${() => setEmoji(!emoji)}><${Icon} name="smile" /></button>
  </div>`;
}

/** Whom one answers, above the line. @param {{comment: import("../lib/types.js").Comment | null, onEnd: () => void}} props */
export function ReplyingTo({ comment, onEnd }) {
  const { t } = useApp();
  if (!comment) return null;
  return html`<div class="replying"><${Icon} name="reply" /><span class="cut">${t("comment.replying", { name: comment.name })} <span class="quiet">${briefly(t, comment)}</span></span>
    <button type="button" class="replying__end" aria-label=${t("comment.reply_end")} title=${t("comment.reply_end")} onMouseDown=${stay} onClick=${onEnd}><${Icon} name="close" /></button></div>`;
}
