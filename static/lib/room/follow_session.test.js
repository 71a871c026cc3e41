import assert from "node:assert/strict";
import { test } from "node:test";

import { followSession } from "./follow_session.js";

/** A session and a room that say what was done with them. */
function setting() {
  /** @type {string[]} */
  const done = [];
  /** @type {(person: {id: string} | null) => void} */
  let tell = () => {};
  const api = { token: "one" };
  const room = { refresh: (/** @type {string} */ token) => void done.push(`refresh ${token}`), open: () => void done.push("open"), close: (reason = "left") => void done.push(`close ${reason}`) };
  const session = { person: { id: "ac_1" }, subscribe: (/** @type {(person: {id: string} | null) => void} */ listener) => { tell = listener; return () => void done.push("stopped"); } };
  const stop = followSession(room, session, api);
  return { done, api, stop, tell: (/** @type {{id: string} | null} */ person) => tell(person) };
}

test("a new token of the same person is told to the room in time", () => {
  const { done, api, tell } = setting();
  api.token = "two";
  tell({ id: "ac_1" });
  assert.deepEqual(done, ["refresh two"]);
});

test("another person enters anew, and whose session is over leaves with the reason", () => {
  const { done, tell, stop } = setting();
  tell({ id: "ac_2" });
  assert.deepEqual(done, ["close left", "open"]);
  tell(null);
  assert.equal(done.at(-1), "close signed_out");
  tell({ id: "gu_1" });
  assert.deepEqual(done.slice(-2), ["close left", "open"]);
  stop();
  assert.equal(done.at(-1), "stopped");
});
