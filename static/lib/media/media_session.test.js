import assert from "node:assert/strict";
import { test } from "node:test";
import { BitRate, MediaSession, Pause, Refusal, soonAtFirst_ms } from "./media_session.js";

test("a rate is what came since the call before, and begins anew with another session's counter", () => {
  const rate = new BitRate();
  assert.equal(rate.since(1_000, 5_000), 0);
  assert.equal(rate.since(3_000, 6_000), 4_000);
  assert.equal(rate.since(3_000, 7_000), 0, "no time has passed");
  assert.equal(rate.since(4_000, 100), 0, "the counter fell");
  rate.begin();
  assert.equal(rate.since(5_000, 900), 0);
});

test("the first five tries are close together, whatever the dice say", () => {
  assert.deepEqual([1, 5, 6].map((tries) => soonAtFirst_ms(9_000, tries)), [1_500, 1_500, 9_000]);
  assert.equal(soonAtFirst_ms(200, 1), 200);
});

test("a refusal says why nothing is tried any more", () => {
  assert.deepEqual([401, 403, 404, 400].map((status) => new Refusal(status).failure), ["unauthorised", "unauthorised", "no_such_show", "refused"]);
});

/** A session whose connection is moved by hand, and a pause that ends only when it is cut. */
function waiting() {
  const connection = { connectionState: "new", onconnectionstatechange: () => {}, close() {} };
  const environment = { RTCPeerConnection: function RTCPeerConnection() { return connection; }, setTimer: () => 0, clearTimer() {} };
  const session = new MediaSession(/** @type {any} */ (environment));
  const pause = new Pause(/** @type {any} */ (environment));
  const become = (state) => {
    connection.connectionState = state;
    connection.onconnectionstatechange();
  };
  return { session, pause, become };
}

test("a session is waited for until media can flow, and then its changes cut no pause", async () => {
  const { session, pause, become } = waiting();
  const there = session.connected(pause, () => 1_000);
  become("connecting");
  become("connected");
  await there;
  let cut = false;
  pause.cut = () => { cut = true; };
  become("disconnected");
  assert.equal(cut, false);
});

test("one that fails, or takes too long, is given up", async () => {
  const first = waiting();
  const failing = first.session.connected(first.pause, () => 1_000);
  first.become("failed");
  await assert.rejects(failing, Refusal);
  const late = waiting();
  await assert.rejects(late.session.connected(late.pause, () => 0), Refusal);
});
