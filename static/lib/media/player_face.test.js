import assert from "node:assert/strict";
import { test } from "node:test";
import en from "../../i18n/en.js";
import { faceOf } from "./player_face.js";

const now = { state: "playing", failure: null, host: "live", sound_only: false, held: false, seen: true };

test("nothing lies over a picture that runs", () => {
  assert.equal(faceOf(now).over, "none");
});

test("the room's word that the host is away covers the picture at once", () => {
  assert.deepEqual([faceOf({ ...now, host: "away" }).over, faceOf({ ...now, host: "away" }).text], ["veil", "player.away"]);
});

test("a lost connection leaves the last picture in sight, if there was one", () => {
  assert.equal(faceOf({ ...now, state: "reconnecting" }).over, "note");
  assert.equal(faceOf({ ...now, state: "reconnecting", seen: false }).over, "veil");
});

test("sound alone leaves the last picture in sight and promises nothing", () => {
  assert.deepEqual([faceOf({ ...now, held: true }).over, faceOf({ ...now, held: true }).busy], ["note", false]);
});

test("only what a press can change offers one", () => {
  const offers = (failure) => faceOf({ ...now, state: "failed", failure }).retry;
  assert.deepEqual([offers("refused"), offers("unauthorised"), offers("no_such_show")], [true, false, false]);
});

test("every state has words in the dictionary", () => {
  for (const state of ["idle", "connecting", "playing", "away", "reconnecting", "failed", "stopped"]) {
    for (const failure of [null, "unauthorised", "no_such_show", "refused"]) {
      for (const host of ["live", "away", "off", null]) {
        for (const flag of [true, false]) {
          for (const held of [true, false]) {
            const face = faceOf({ state, failure, host, sound_only: flag, held, seen: flag });
            for (const key of [face.text, face.more]) if (key !== null) assert.ok(en[key], key);
          }
        }
      }
    }
  }
});
