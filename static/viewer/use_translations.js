/** Comments in the reader's language: one at a press, or all that come while it is switched on. */

import { useCallback, useEffect, useMemo, useRef, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";

const TOGETHER_MS = 1_500;
const AT_ONCE = 20;
const AGAIN_MS = 5_000;

/**
 * @typedef {object} Translations
 * @property {boolean} possible whether this server can
 * @property {boolean} all whether every comment is translated as it comes
 * @property {(on: boolean) => void} setAll
 * @property {Map<string, string | null>} texts by comment; null is what could not be translated
 * @property {(comment: string) => Promise<void>} ask
 */

/**
 * @param {import("../lib/room/room.js").RoomClient} room
 * @param {import("../lib/room/room_state.js").RoomState} state
 * @returns {Translations}
 */
export function useTranslations(room, state) {
  const { i18n, t, toasts, errorText } = useApp();
  const { language } = i18n;
  const [all, setAll] = useState(false);
  const [texts, setTexts] = useState(/** @type {Map<string, string | null>} */ (new Map()));
  const asked = useRef(/** @type {Set<string>} */ (new Set()));
  useEffect(() => {
    asked.current = new Set();
    setTexts(new Map());
  }, [language, room]);
  const fetch = useCallback(async (/** @type {string[]} */ comments) => {
    for (const comment of comments) asked.current.add(comment);
    try {
      const { translations } = await room.request("translate", { comments, to: language });
      setTexts((now) => new Map([...now, ...Object.entries(/** @type {Record<string, string | null>} */ (translations))]));
    } catch (error) {
      for (const comment of comments) asked.current.delete(comment);
      throw error;
    }
  }, [room, language]);
  const ask = useCallback(async (/** @type {string} */ comment) => {
    try {
      await fetch([comment]);
    } catch (error) {
      const { code } = /** @type {{code?: string}} */ (error);
      toasts.trouble(code === "unavailable" ? t("translate.not_now") : errorText(error));
    }
  }, [fetch]);
  useEveryComment(all, state, asked.current, fetch);
  return useMemo(() => ({ possible: state.limits.translate === true, all, setAll, texts, ask }), [state.limits.translate, all, texts, ask]);
}

/**
 * While it is on, asks for what came, some at a time; who writes themselves needs no translation.
 * @param {boolean} on
 * @param {import("../lib/room/room_state.js").RoomState} state
 * @param {Set<string>} asked
 * @param {(comments: string[]) => Promise<void>} fetch
 */
function useEveryComment(on, state, asked, fetch) {
  const [round, setRound] = useState(0);
  const me = state.you?.person;
  const missing = on ? state.comments.filter(({ id, person, text }) => person !== me && text !== "" && !asked.has(id)).map(({ id }) => id).slice(-AT_ONCE) : [];
  const waits = missing.length > 0;
  const newest = useRef(missing);
  newest.current = missing;
  useEffect(() => {
    if (!waits) return undefined;
    // In the background a failure is no news: it is tried again, more slowly.
    const timer = setTimeout(() => {
      fetch(newest.current).then(() => setRound((count) => count + 1), () => setTimeout(() => setRound((count) => count + 1), AGAIN_MS));
    }, round ? TOGETHER_MS : 0);
    return () => clearTimeout(timer);
  }, [waits, round, fetch]);
}
