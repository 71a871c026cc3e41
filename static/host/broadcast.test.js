import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Awake } from "../lib/media/awake.js";
import { FakeStream, FakeTrack, FakeWorld } from "../lib/media/fake_media.test.js";
import { Broadcast } from "./broadcast.js";

const browser = /** @type {any} */ (globalThis);
browser.MediaStream = FakeStream;
/** @type {(() => void)[]} what happens every 2 s */
let beats = [];
browser.setInterval = (run) => beats.push(run);
browser.clearInterval = () => {};
afterEach(() => { beats = []; });

/** A mark in memory. */
class Mark {
  isFresh = false;
  said = [];
  renew() { this.said.push("renew"); }
  leave() { this.said.push("leave"); }
  clear() {
    this.said.push("clear");
    this.isFresh = false;
  }
}

/** A studio's broadcast in a world of its own, with a camera that runs. */
function studio({ key = async () => ({ key: "sk_1", whip_url: "" }), tracks = [new FakeTrack("audio"), new FakeTrack("video")], ...change } = {}) {
  const world = Object.assign(new FakeWorld(), change);
  const mark = new Mark();
  const broadcast = new Broadcast("sh_1", key, { environment: { ...world.environment, fetch: (url, how) => world.environment.fetch(`http://shop.test${url}`, how) }, mark });
  tracks.forEach((track) => broadcast.camera.stream.addTrack(track));
  const told = [];
  broadcast.subscribe(() => told.push([broadcast.health, broadcast.publishing, broadcast.trouble]));
  return { world, mark, broadcast, told };
}

/** Begins to publish, and lets it come to something. */
async function publish({ broadcast, world }) {
  const published = broadcast.publish();
  await world.clock.pass(1_000);
  return published;
}

test("what is on air is marked, again and again, and no more once it has ended", async () => {
  const { world, mark, broadcast } = studio();
  assert.equal(await publish({ broadcast, world }), true);
  assert.deepEqual(mark.said, ["renew"]);
  beats.forEach((beat) => beat());
  await world.clock.pass(0);
  assert.deepEqual(mark.said, ["renew", "renew"]);
  broadcast.end();
  assert.deepEqual([mark.said.at(-1), broadcast.health], ["clear", "off"]);
});

test("only a page that was on air a moment ago takes the show over unasked", async () => {
  const fresh = studio();
  fresh.mark.isFresh = true;
  assert.equal(fresh.broadcast.wasOnAir, true);
  await publish(fresh);
  const other = studio();
  await publish(other);
  assert.deepEqual([fresh, other].map(({ world }) => world.posts[0].url.includes("takeover")), [true, false]);
});

test("who was put off the air by somebody else does not come back with a reload", async () => {
  const { world, mark, broadcast } = studio();
  await publish({ broadcast, world });
  broadcast.askTakeover = () => new Promise(() => {});
  world.answer = () => [409, {}];
  world.last.become("failed");
  await world.clock.pass(10_000);
  assert.deepEqual([broadcast.health, mark.said.at(-1)], ["taken", "clear"]);
});

test("a stream without a live track is not sent", async () => {
  const ended = Object.assign(new FakeTrack("video"), { readyState: "ended" });
  for (const tracks of [[], [ended]]) {
    const { world, broadcast, told } = studio({ tracks });
    assert.equal(await publish({ broadcast, world }), false);
    assert.deepEqual([world.posts.length, broadcast.publishing, told.at(-1)], [0, false, ["off", false, "broadcast.no_picture"]]);
  }
});

test("a failure in mid-show is told to those who listen, and forgotten with the next try", async () => {
  const { world, broadcast, told } = studio();
  await publish({ broadcast, world });
  world.answer = () => 404;
  world.last.become("failed");
  await world.clock.pass(5_000);
  assert.deepEqual(told.at(-1), ["off", false, "broadcast.no_such_show"]);
  world.answer = () => 201;
  assert.equal(await publish({ broadcast, world }), true);
  assert.deepEqual(told.at(-1), ["good", true, ""]);
});

test("a key that is refused is told", async () => {
  const { world, broadcast } = studio({ key: () => Promise.reject(Object.assign(new Error("no"), { status: 403 })) });
  assert.equal(await publish({ broadcast, world }), false);
  assert.deepEqual([broadcast.trouble, broadcast.publishing], ["broadcast.unauthorised", false]);
});

/** A wake lock that follows a broadcast, as the studio's does. @param {Broadcast} broadcast */
function lockOf(broadcast) {
  const locks = { held: 0 };
  const awake = new Awake(async () => {
    locks.held += 1;
    return /** @type {any} */ ({ addEventListener() {}, release: async () => { locks.held -= 1; } });
  });
  broadcast.subscribe(() => void awake.want(broadcast.publishing));
  return locks;
}

test("the screen may go dark after the show was left to somebody else, or has failed", async () => {
  for (const answer of [409, 404]) {
    const { world, broadcast } = studio({ answer: () => [answer, {}] });
    const locks = lockOf(broadcast);
    broadcast.askTakeover = async () => false;
    assert.equal(await publish({ broadcast, world }), false);
    assert.deepEqual([broadcast.publishing, broadcast.health, locks.held], [false, "off", 0]);
  }
});

test("an answer about a publisher that has ended meanwhile ends no other", async () => {
  const { world, broadcast } = studio({ answer: () => [409, {}] });
  let answer = (_) => {};
  broadcast.askTakeover = () => new Promise((resolve) => { answer = resolve; });
  void publish({ broadcast, world });
  await world.clock.pass(1_000);
  broadcast.end();
  world.answer = () => 201;
  assert.equal(await publish({ broadcast, world }), true);
  answer(false);
  await world.clock.pass(0);
  assert.equal(broadcast.publishing, true);
});

test("a page that goes leaves its mark for the next one", () => {
  const { mark, broadcast } = studio();
  broadcast.leavePage();
  assert.deepEqual(mark.said, ["leave"]);
});
