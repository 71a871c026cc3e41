import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeStream, FakeTrack, FakeWorld } from "./fake_media.test.js";
import { WhipPublisher, healthOf } from "./whip.js";

/** A host on the air in a world of its own. */
function publish(change = {}, how = {}, key = undefined) {
  const world = Object.assign(new FakeWorld(), change);
  const states = [];
  const keys = ["sk_1", "sk_2", "sk_3"];
  const publisher = new WhipPublisher({ url: "http://shop.test/whip/sh_1", key: key ?? (() => keys.shift()), environment: world.environment });
  publisher.subscribe(({ state }) => states.push(state));
  const [camera, microphone] = [new FakeTrack("video"), new FakeTrack("audio")];
  publisher.publish(new FakeStream([microphone, camera]), how);
  return { world, publisher, states, camera, microphone };
}

test("camera and microphone go on the air with the stream key", async () => {
  const { world, states, camera, microphone } = publish();
  await world.clock.pass(1_000);
  assert.deepEqual(states, ["connecting", "live"]);
  assert.deepEqual([world.posts[0].url, world.posts[0].headers.Authorization], ["http://shop.test/whip/sh_1", "Bearer sk_1"]);
  assert.deepEqual(world.last.transceivers.map(({ sender }) => sender.track), [microphone, camera]);
  assert.deepEqual(world.last.transceivers.map(({ direction }) => direction), ["sendonly", "sendonly"]);
});

test("leaving deletes the session and nothing is sent after it", async () => {
  const { world, publisher } = publish();
  await world.clock.pass(1_000);
  publisher.leave();
  await world.clock.pass(60_000);
  assert.deepEqual(world.deletes.map(({ url }) => url), ["http://shop.test/session/1"]);
  assert.deepEqual([publisher.state, world.posts.length, world.last.connectionState], ["left", 1, "closed"]);
});

test("somebody else on the air is a question to the host, not a fight", async () => {
  const { world, publisher } = publish({ answer: () => [409, { "Retry-After": "2" }] });
  await world.clock.pass(60_000);
  assert.deepEqual([publisher.state, world.posts.length], ["occupied", 1]);
  world.answer = () => 201;
  publisher.takeOver();
  await world.clock.pass(1_000);
  assert.deepEqual([publisher.state, world.posts[1].url], ["live", "http://shop.test/whip/sh_1?takeover=1"]);
});

test("two hosts with the right key do not kick each other out for ever", async () => {
  const { world, publisher, states } = publish();
  await world.clock.pass(1_000);
  world.answer = () => [409, { "Retry-After": "2" }];
  world.last.become("failed");
  await world.clock.pass(60_000);
  assert.equal(publisher.state, "occupied");
  assert.deepEqual(states, ["connecting", "live", "reconnecting", "occupied"]);
  assert.equal(world.posts.some(({ url }) => url.includes("takeover")), false);
  const asked = world.posts.length;
  await world.clock.pass(600_000);
  assert.equal(world.posts.length, asked, "only a person may decide now");
});

test("after a takeover a later reconnect is polite again", async () => {
  const { world, publisher } = publish({}, { take_over: true });
  await world.clock.pass(1_000);
  assert.match(world.posts[0].url, /takeover=1/);
  world.last.become("failed");
  await world.clock.pass(2_000);
  assert.deepEqual([publisher.state, world.posts[1].url], ["live", "http://shop.test/whip/sh_1"]);
});

test("the server's memory of our own lost session is waited out", async () => {
  const { world, publisher } = publish();
  await world.clock.pass(1_000);
  world.answer = (n) => (n < 4 ? [409, { "Retry-After": "2" }] : 201);
  world.last.become("failed");
  await world.clock.pass(4_000);
  assert.equal(publisher.state, "live");
});

test("3 s without a byte from the server make a new session", async () => {
  const { world, states } = publish();
  await world.clock.pass(2_000);
  world.flowing = false;
  await world.clock.pass(2_400);
  assert.equal(world.posts.length, 1);
  world.answer = () => { world.flowing = true; return 201; };
  await world.clock.pass(2_000);
  assert.deepEqual(states, ["connecting", "live", "reconnecting", "live"]);
  assert.equal(world.connections[0].connectionState, "closed");
});

test("a moved show is followed at once, with the same tracks and the same key", async () => {
  const { world, publisher, camera } = publish();
  await world.clock.pass(3_000);
  publisher.restart();
  await world.clock.pass(500);
  assert.deepEqual([publisher.state, world.posts.length], ["live", 2]);
  assert.equal(world.posts[1].headers.Authorization, "Bearer sk_1");
  assert.equal(world.last.transceivers[1].sender.track, camera);
});

test("a session made moments ago may be the one that moved the show: it stays while it hears the server", async () => {
  const { world, publisher } = publish();
  await world.clock.pass(1_000);
  publisher.restart();
  await world.clock.pass(3_000);
  assert.equal(world.posts.length, 1);
});

test("a request under way when the show moves is waited for", async () => {
  const { world, publisher } = publish();
  await world.clock.pass(3_000);
  let answer = (_) => {};
  world.answer = () => new Promise((resolve) => { answer = resolve; });
  world.last.become("failed");
  await world.clock.pass(500);
  publisher.restart();
  await world.clock.pass(4_000);
  answer(201);
  await world.clock.pass(4_000);
  assert.deepEqual([publisher.state, world.posts.length], ["live", 2]);
});

test("a session made moments ago that hears nothing went down with the old process", async () => {
  const { world, publisher } = publish();
  await world.clock.pass(1_000);
  world.flowing = false;
  publisher.restart();
  await world.clock.pass(900);
  assert.equal(world.posts.length, 1);
  world.flowing = true;
  await world.clock.pass(200);
  assert.equal(world.posts.length, 1, "it has come back to life");
  world.flowing = false;
  publisher.restart();
  await world.clock.pass(1_100);
  assert.equal(world.posts.length, 2);
});

test("a key that was changed meanwhile is asked for again, once", async () => {
  const { world, publisher } = publish();
  await world.clock.pass(1_000);
  world.answer = (n) => (n === 2 ? 401 : 201);
  world.last.become("failed");
  await world.clock.pass(1_000);
  assert.deepEqual([publisher.state, world.posts.map(({ headers }) => headers.Authorization)], ["live", ["Bearer sk_1", "Bearer sk_1", "Bearer sk_2"]]);
  world.answer = () => 401;
  world.last.become("failed");
  await world.clock.pass(60_000);
  assert.deepEqual([publisher.failure, world.posts.length], ["unauthorised", 5]);
});

test("another camera is sent without a new session, and after a reconnect too", async () => {
  const { world, publisher } = publish();
  await world.clock.pass(1_000);
  const screen = new FakeTrack("video");
  await publisher.replace("video", screen);
  assert.deepEqual([world.last.transceivers[1].sender.track, world.posts.length], [screen, 1]);
  await world.clock.pass(2_000);
  publisher.restart();
  await world.clock.pass(500);
  assert.equal(world.last.transceivers[1].sender.track, screen);
  await publisher.replace("audio", null);
  assert.equal(world.last.transceivers[0].sender.track, null);
});

test("a wrong key is said at once and not tried again", async () => {
  const { world, publisher } = publish({ answer: () => 401 });
  await world.clock.pass(60_000);
  assert.deepEqual([publisher.state, publisher.failure, world.posts.length], ["failed", "unauthorised", 1]);
  world.answer = () => 201;
  publisher.retry();
  await world.clock.pass(1_000);
  assert.deepEqual([publisher.state, publisher.failure], ["live", null]);
});

/** What the shop's API says to who asks for the key. @param {number} status @param {number | null} [retry_after_ms] */
const refusing = (status, retry_after_ms = null) => Object.assign(new Error(`status ${status}`), { status, retry_after_ms });

test("a key that is refused is said at once and not asked for again", async () => {
  for (const [status, failure] of [[401, "unauthorised"], [403, "unauthorised"], [404, "no_such_show"], [422, "refused"]]) {
    let asked = 0;
    const { world, publisher } = publish({}, {}, async () => {
      asked += 1;
      throw refusing(Number(status));
    });
    await world.clock.pass(600_000);
    assert.deepEqual([publisher.state, publisher.failure, asked, world.posts.length], ["failed", failure, 1, 0]);
  }
});

test("a key that cannot be had just now is asked for again, as late as the server wants", async () => {
  const answers = [refusing(0), refusing(500), refusing(408), refusing(409), refusing(429, 9_000)];
  const { world, publisher, states } = publish({}, {}, async () => {
    const answer = answers.shift();
    if (answer) throw answer;
    return "sk_1";
  });
  await world.clock.pass(6_500);
  assert.equal(answers.length, 0);
  await world.clock.pass(2_000);
  assert.equal(publisher.state, "connecting");
  await world.clock.pass(10_000);
  assert.deepEqual(states, ["connecting", "live"], "a conflict about the key is no other publisher");
});

test("a key that is refused in mid-show ends it", async () => {
  let key = async () => "sk_1";
  const { world, publisher } = publish({}, {}, () => key());
  await world.clock.pass(1_000);
  key = () => Promise.reject(refusing(403));
  world.answer = () => 401;
  world.last.become("failed");
  await world.clock.pass(60_000);
  assert.deepEqual([publisher.state, publisher.failure, world.posts.length], ["failed", "unauthorised", 2]);
});

test("a server that is down is tried until it is back", async () => {
  const { world, publisher } = publish({ answer: (n) => (n < 6 ? "down" : 201) });
  await world.clock.pass(15_000);
  assert.equal(publisher.state, "live");
});

test("the digest says in one word how it goes", async () => {
  const { world, publisher } = publish();
  assert.equal((await publisher.stats()).health, "offline");
  await world.clock.pass(2_000);
  await publisher.stats();
  await world.clock.pass(1_000);
  const digest = await publisher.stats();
  assert.deepEqual([digest.health, digest.round_trip_ms, digest.loss, digest.video_codec], ["good", 50, 0.01, "video/H264"]);
  assert.ok(Math.abs(digest.bits_per_s - 256_000) < 64_000, String(digest.bits_per_s));
});

test("loss, delay and limits have their words", () => {
  const fine = { loss: 0, round_trip_ms: 20, limited_by: null, frames_per_s: 30, is_due: true, samples_without_frame: 0, bits_per_s: 1, width_px: 1, height_px: 1, video_codec: null };
  assert.equal(healthOf(fine), "good");
  assert.equal(healthOf({ ...fine, loss: 0.03 }), "fair");
  assert.equal(healthOf({ ...fine, limited_by: "bandwidth" }), "fair");
  assert.equal(healthOf({ ...fine, loss: 0.1 }), "poor");
  assert.equal(healthOf({ ...fine, round_trip_ms: 700 }), "poor");
  assert.equal(healthOf({ ...fine, frames_per_s: 6 }), "poor");
  const still = { ...fine, frames_per_s: 0, samples_without_frame: 2 };
  assert.equal(healthOf(still), "poor");
  assert.equal(healthOf({ ...still, samples_without_frame: 1 }), "good", "it may just have begun");
  assert.equal(healthOf({ ...still, is_due: false }), "good");
  assert.equal(healthOf({ ...fine, frames_per_s: 1, is_due: false }), "good");
});

/** The health at each of three looks, 2 s apart, while no frame is sent. @param {object} track what it is */
async function healthWithoutFrames(track) {
  const { world, publisher, camera } = publish({ pictures: false });
  Object.assign(camera, track);
  await world.clock.pass(1_000);
  const seen = [];
  for (let look = 0; look < 3; look += 1) {
    seen.push((await publisher.stats()).health);
    await world.clock.pass(2_000);
  }
  return { seen, world, publisher };
}

test("a camera of which no frame is sent is poor, until one is", async () => {
  const { seen, world, publisher } = await healthWithoutFrames({});
  assert.deepEqual(seen, ["good", "good", "poor"]);
  world.pictures = true;
  await world.clock.pass(2_000);
  assert.equal((await publisher.stats()).health, "good");
});

test("a screen at rest, a picture that was switched off and no picture at all are not poor", async () => {
  for (const track of [{ contentHint: "detail" }, { enabled: false }]) {
    assert.deepEqual((await healthWithoutFrames(track)).seen, ["good", "good", "good"]);
  }
  const { seen, world, publisher } = await healthWithoutFrames({});
  assert.equal(seen.at(-1), "poor");
  await publisher.replace("video", null);
  await world.clock.pass(2_000);
  assert.equal((await publisher.stats()).health, "good");
});

test("each session counts its frames anew", async () => {
  const { world, publisher } = await healthWithoutFrames({});
  publisher.restart();
  await world.clock.pass(1_000);
  assert.equal((await publisher.stats()).health, "good");
});
