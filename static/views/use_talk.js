/** What a line of talk needs to know of the room around it: who is there, who reads, what is quoted. */

import { useMemo } from "../vendor/preact.js";
import { namesOf } from "../lib/words/comment_text.js";
import { placesOf } from "./supporters.js";

/**
 * @typedef {object} TalkAround
 * @property {string[]} names of who spoke, the last speaker last
 * @property {Map<string, import("../lib/types.js").Comment>} byId
 * @property {string} person who reads
 * @property {string} name of who reads, as the room shows it
 * @property {Map<string, number>} places of the top three supporters
 */

/** @param {import("../lib/room/room_state.js").RoomState} state @returns {TalkAround} */
export function useTalk(state) {
  const person = state.you?.person ?? "";
  return useMemo(() => {
    const own = state.comments.filter((one) => one.person === person).at(-1);
    return {
      names: namesOf(state.comments),
      byId: new Map(state.comments.map((comment) => [comment.id, comment])),
      person,
      // The room may have put a number behind a name that was taken: what it shows is the name.
      name: own?.name ?? state.you?.name ?? "",
      places: placesOf(state.board),
    };
  }, [state.comments, person, state.you?.name, state.board.supporters]);
}
