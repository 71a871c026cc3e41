/** What lies over the picture in each state of the player. Pure: views/player.js draws it. */

/**
 * @typedef {object} Face
 * @property {"none" | "veil" | "note"} over veil = covers the picture; note = a line on top of the last picture
 * @property {string | null} text key of the words
 * @property {string | null} more key of a second, quieter line
 * @property {boolean} busy whether something turns
 * @property {boolean} retry whether a person may press "try again"
 * @property {boolean} heard whether there is sound behind a veil, with its buttons in front
 */

/** @type {Face} */
const NOTHING = { over: "none", text: null, more: null, busy: false, retry: false, heard: false };

/**
 * @param {object} now
 * @param {import("./whep.js").WhepState} now.state
 * @param {import("./whep.js").WhepFailure | null} now.failure
 * @param {"live" | "away" | "off" | null} now.host what the room says
 * @param {boolean} now.sound_only
 * @param {boolean} now.held whether the sound comes alone for now
 * @param {boolean} now.seen whether a picture was ever shown
 * @returns {Face}
 */
export function faceOf({ state, failure, host, sound_only, held, seen }) {
  if (state === "idle" || state === "stopped") return NOTHING;
  if (state === "failed") return { ...NOTHING, over: "veil", text: `player.failed_${failure ?? "refused"}`, retry: failure === "refused" };
  // The room's word comes before the player can tell silence from a bad moment.
  if (host === "away") return { ...NOTHING, over: "veil", text: "player.away", more: "player.away_next" };
  if (state === "away") return { ...NOTHING, over: "veil", text: "player.waiting", busy: true };
  if (state === "playing" && held) return { ...NOTHING, over: seen ? "note" : "veil", text: "player.held", heard: true };
  if (state === "playing") return sound_only ? { ...NOTHING, over: "veil", text: "player.sound_only", heard: true } : NOTHING;
  if (state === "reconnecting" && seen) return { ...NOTHING, over: "note", text: "player.reconnecting", busy: true };
  return { ...NOTHING, over: "veil", text: "player.connecting", busy: true };
}
