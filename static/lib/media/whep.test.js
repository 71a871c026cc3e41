import assert from "node:assert/strict";
import { test } from "node:test";
import { CUSHION_MS } from "./cushion.js";
import { FakeWorld } from "./fake_media.test.js";
import { iceServers, retryAfterMs, takeDescriptors, withRoundTrip, withStereo } from "./media_session.js";
import { StallDetector } from "./stall_detector.js";
import { WhepPlayer } from "./whep.js";

/** A player in a world of its own; `world` is what the test changes. */
function watch(change = {}, token = () => "ticket") {
  const world = Object.assign(new FakeWorld(), change);
  const states = [];
  const player = new WhepPlayer({ url: "http://shop.test/whep/sh_1", token, environment: world.environment });
  player.subscribe(({ state }) => { if (states.at(-1) !== state) states.push(state); });
  player.start();
  return { world, player, states };
}

test("a show is asked for in stereo with the token, and plays", async () => {
  const { world, player, states } = watch();
  await world.clock.pass(1_000);
  assert.deepEqual(states, ["connecting", "playing"]);
  const [post] = world.posts;
  assert.equal(post.headers.Authorization, "Bearer ticket");
  assert.equal(post.headers["Content-Type"], "application/sdp");
  assert.match(post.body, /a=fmtp:111 minptime=10;useinbandfec=1;stereo=1\r\n/);
  assert.equal(world.last.local.sdp, post.body, "the own description says stereo too");
  assert.deepEqual(world.last.transceivers.map(({ direction }) => direction), ["recvonly", "recvonly"]);
  assert.deepEqual(player.stream.getTracks().map(({ kind }) => kind), ["audio", "video"]);
});

test("candidates are gathered with the servers that the answer names", async () => {
  const Link = '<turn:t.test:3478?transport=udp>; rel="ice-server"; username="9:gu_1"; credential="a+b/c="; credential-type="password", <stun:s.test>; rel="ice-server"';
  const { world, player } = watch({ answer: () => [201, { Link }] });
  await world.clock.pass(1_000);
  assert.equal(player.state, "playing");
  assert.deepEqual(world.last.gathered_with, [
    { urls: "turn:t.test:3478?transport=udp", username: "9:gu_1", credential: "a+b/c=" },
    { urls: "stun:s.test" },
  ]);
  assert.equal(world.last.configuration.bundlePolicy, "max-bundle");
});

test("a path through a TURN server is told to the server, any other is not", async () => {
  const Link = '<turn:t.test:3478>; rel="ice-server"; username="u"; credential="c"; credential-type="password"';
  const patches = async (/** @type {object} */ change) => {
    const { world, player } = watch({ answer: () => [201, { Link, ETag: '"t1"' }], ...change });
    await world.clock.pass(1_000);
    assert.equal(player.state, "playing");
    return world.requests.filter(({ method }) => method === "PATCH");
  };
  assert.deepEqual(await patches({}), []);
  assert.deepEqual(await patches({ candidateType: "relay", answer: () => [201, { ETag: '"t1"' }] }), [], "no TURN server was named");
  const [patch, ...more] = await patches({ candidateType: "relay" });
  assert.deepEqual(more, []);
  assert.match(patch.url, /\/session\/1$/);
  assert.deepEqual(patch.headers, { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": '"t1"', Authorization: "Bearer ticket" });
  assert.match(patch.body, /^a=ice-ufrag:Abcd\r\na=ice-pwd:[0-9a-n]+\r\nm=audio 9 .*\r\na=mid:0\r\na=candidate:1 1 udp 1 198\.51\.100\.7 50001 typ relay /);
});

test("sound and picture are held back alike while packets are lost", async () => {
  const { world } = watch();
  const targets = () => world.last.transceivers.map(({ receiver }) => [receiver.track.kind, receiver.jitterBufferTarget]);
  await world.clock.pass(2_000);
  assert.deepEqual(targets(), [["audio", null], ["video", null]]);
  for (let n = 0; n < 3; n += 1) {
    world.nacks += 2;
    await world.clock.pass(500);
  }
  assert.deepEqual(targets(), [["audio", CUSHION_MS], ["video", CUSHION_MS]]);
  await world.clock.pass(30_000);
  assert.deepEqual(targets(), [["audio", null], ["video", null]]);
});

test("links that are no ICE servers are passed over", () => {
  assert.deepEqual(iceServers('<https://shop.test/e>; rel="urn:ietf:params:whep:ext:core:server-sent-events"; events="a,b", <stun:s.test>; rel=ice-server'), [{ urls: "stun:s.test" }]);
  assert.deepEqual(iceServers('<turn:t.test>; rel="other"'), []);
  assert.deepEqual(iceServers(null), []);
});

test("stop deletes the session and asks no more", async () => {
  const { world, player, states } = watch();
  await world.clock.pass(1_000);
  player.stop();
  await world.clock.pass(60_000);
  assert.deepEqual(world.deletes.map(({ url }) => url), ["http://shop.test/session/1"]);
  assert.equal(world.posts.length, 1);
  assert.equal(states.at(-1), "stopped");
  assert.equal(world.last.connectionState, "closed");
});

test("a stop during the request deletes the session that comes of it", async () => {
  const { world, player } = watch();
  player.stop();
  await world.clock.pass(1_000);
  assert.equal(world.posts.length, world.deletes.length);
  assert.equal(player.state, "stopped");
});

test("no publisher is away, and asked again when the server says", async () => {
  const { world, states } = watch({ answer: (n) => (n < 3 ? [409, { "Retry-After": "2" }] : 201) });
  await world.clock.pass(1_900);
  assert.deepEqual([states.at(-1), world.posts.length], ["away", 1]);
  await world.clock.pass(8_000);
  assert.deepEqual([states.at(-1), world.posts.length], ["playing", 3]);
});

test("a server that is down is asked again soon, then seldom, with chance in it", async () => {
  const { world, states } = watch({ answer: () => "down" });
  await world.clock.pass(5_000);
  const early = world.posts.length;
  assert.ok(early >= 4, `${early} tries in 5 s`);
  await world.clock.pass(300_000);
  const gaps = world.posts.map(({ at_ms }, n, all) => at_ms - (all[n - 1]?.at_ms ?? at_ms));
  assert.equal(Math.max(...gaps), 8_000, "half of the ceiling of 16 s, for the dice show a half");
  assert.equal(states.at(-1), "connecting");
  world.answer = () => 201;
  await world.clock.pass(9_000);
  assert.equal(states.at(-1), "playing");
});

test("an overloaded server is left alone as long as it asks", async () => {
  const { world } = watch({ answer: (n) => (n === 1 ? [503, { "Retry-After": "7" }] : 201) });
  await world.clock.pass(6_900);
  assert.equal(world.posts.length, 1);
  await world.clock.pass(200);
  assert.equal(world.posts.length, 2);
});

test("a refused token is renewed once, a second refusal is final", async () => {
  const asked = [];
  const token = (refused) => { asked.push(refused); return refused ? "fresh" : "stale"; };
  const renewed = watch({ answer: (n) => (n === 1 ? 401 : 201) }, token);
  await renewed.world.clock.pass(1_000);
  assert.deepEqual(asked, [false, true]);
  assert.equal(renewed.player.state, "playing");

  const banned = watch({ answer: () => 403 });
  await banned.world.clock.pass(60_000);
  assert.deepEqual([banned.player.state, banned.player.failure, banned.world.posts.length], ["failed", "unauthorised", 2]);
});

test("no such show is final, and start tries again", async () => {
  const { world, player } = watch({ answer: () => 404 });
  await world.clock.pass(60_000);
  assert.deepEqual([player.state, player.failure, world.posts.length], ["failed", "no_such_show", 1]);
  world.answer = () => 201;
  player.start();
  await world.clock.pass(1_000);
  assert.deepEqual([player.state, player.failure], ["playing", null]);
});

test("a picture that stands still for 3 s is asked for anew, in the same stream", async () => {
  const { world, player, states } = watch();
  await world.clock.pass(2_000);
  const { stream } = player;
  const [audio] = stream.getAudioTracks();
  world.flowing = false;
  await world.clock.pass(2_400);
  assert.equal(world.posts.length, 1);
  world.answer = () => { world.flowing = true; return 201; };
  await world.clock.pass(2_000);
  assert.equal(world.posts.length, 2);
  assert.deepEqual(states, ["connecting", "playing", "reconnecting", "playing"]);
  assert.equal(player.stream, stream);
  assert.equal(stream.getTracks().length, 2);
  assert.notEqual(stream.getAudioTracks()[0], audio);
  assert.deepEqual(world.deletes.map(({ url }) => url), ["http://shop.test/session/1"]);
});

test("the last picture stays in the stream until the new one flows", async () => {
  const { world, player } = watch();
  await world.clock.pass(2_000);
  const [before] = player.stream.getVideoTracks();
  world.flowing = false;
  await world.clock.pass(4_500);
  assert.equal(world.connections.length, 2);
  assert.deepEqual(player.stream.getVideoTracks(), [before]);
  world.flowing = true;
  await world.clock.pass(1_000);
  assert.deepEqual(player.stream.getVideoTracks(), [world.last.transceivers[1].receiver.track]);
});

test("silence without a word from the room is tried at growing distances and shown as away", async () => {
  const { world, player } = watch();
  await world.clock.pass(2_000);
  world.flowing = false;
  await world.clock.pass(60_000);
  assert.equal(player.state, "away");
  assert.ok(world.posts.length >= 4 && world.posts.length <= 6, `${world.posts.length} sessions in a minute`);
  assert.equal(world.connections.filter(({ connectionState }) => connectionState === "connected").length, 1);
  world.flowing = true;
  await world.clock.pass(1_000);
  assert.equal(player.state, "playing");
});

test("while the room says that the host is away, a silent session is kept", async () => {
  const { world, player } = watch();
  await world.clock.pass(2_000);
  player.hostIs("away");
  await world.clock.pass(1_000);
  assert.equal(player.state, "playing", "the picture decides, not the word alone");
  world.flowing = false;
  await world.clock.pass(2_000);
  assert.equal(player.state, "away");
  await world.clock.pass(120_000);
  assert.equal(world.posts.length, 1);
  player.hostIs("live");
  world.flowing = true;
  await world.clock.pass(1_000);
  assert.deepEqual([player.state, world.posts.length], ["playing", 1]);
});

test("a host who comes back is asked for at once, not after Retry-After", async () => {
  const { world, player } = watch({ answer: () => [409, { "Retry-After": "15" }] });
  await world.clock.pass(1_000);
  world.answer = () => 201;
  player.hostIs("live");
  await world.clock.pass(1_000);
  assert.equal(player.state, "playing");
});

test("media_moved makes a new session within a second; the old one plays until then", async () => {
  const { world, player, states } = watch();
  await world.clock.pass(2_000);
  player.restart(1_000);
  await world.clock.pass(400);
  assert.equal(world.posts.length, 1);
  await world.clock.pass(1_000);
  assert.equal(world.posts.length, 2);
  assert.equal(world.connections[0].connectionState, "closed");
  assert.deepEqual(states, ["connecting", "playing"], "nobody sees a thing");
});

test("a connection that never comes up is given up after 10 s", async () => {
  const { world, player } = watch({ reachable: false });
  await world.clock.pass(9_000);
  assert.equal(world.posts.length, 1);
  world.reachable = true;
  await world.clock.pass(3_000);
  assert.equal(world.connections[0].connectionState, "closed");
  assert.equal(player.state, "playing");
});

test("media_moved does not wait for a connection that never comes up", async () => {
  const { world, player } = watch({ reachable: false });
  await world.clock.pass(1_000);
  world.reachable = true;
  player.restart(0);
  await world.clock.pass(2_000);
  assert.equal(player.state, "playing");
});

test("media_moved does not interrupt a request whose answer may be at the right place", async () => {
  const { world, player } = watch({ reachable: false });
  await world.clock.pass(1_000);
  player.restart(0);
  await world.clock.pass(500);
  world.last.become("connected");
  await world.clock.pass(3_000);
  assert.deepEqual([player.state, world.posts.length], ["playing", 1]);
});

test("a request that hangs is cut after 15 s and made again", async () => {
  const { world, player } = watch({ answer: (/** @type {number} */ n) => (n === 1 ? new Promise(() => {}) : 201) });
  await world.clock.pass(14_000);
  assert.equal(world.posts.length, 1);
  await world.clock.pass(4_000);
  assert.deepEqual([world.posts.length, player.state, world.deletes.length], [2, "playing", 0]);
});

test("a browser that cannot make a session at all is told so", async () => {
  const world = new FakeWorld();
  const player = new WhepPlayer({ url: "http://shop.test/whep/sh_1", token: () => "", environment: { ...world.environment, RTCPeerConnection: /** @type {any} */ (undefined) } });
  player.start();
  await world.clock.pass(10_000);
  assert.deepEqual([player.state, player.failure], ["failed", "refused"]);
});

test("pictures that are never decoded are tried at growing distances, and the sound goes on", async () => {
  const { world, player, states } = watch();
  world.undecoded = true;
  await world.clock.pass(120_000);
  assert.ok(world.posts.length >= 4 && world.posts.length <= 7, `${world.posts.length} sessions`);
  assert.deepEqual([player.state, player.sound_only], ["playing", true]);
  assert.deepEqual(states, ["connecting", "playing"], "nothing comes and goes");
  world.undecoded = false;
  await world.clock.pass(1_000);
  assert.deepEqual([player.state, player.sound_only], ["playing", false]);
});

test("a connection that fails is made anew at once", async () => {
  const { world, states } = watch();
  await world.clock.pass(2_000);
  world.last.become("failed");
  await world.clock.pass(1_000);
  assert.equal(world.posts.length, 2);
  assert.deepEqual(states, ["connecting", "playing", "reconnecting", "playing"]);
});

test("a show without a playable picture is heard and counts as playing", () => {
  const detector = new StallDetector();
  const verdicts = [0, 1, 2, 3, 4, 5, 6].map((n) => detector.sample(n * 1_000, { frames_decoded: 0, video_bytes: 0, audio_bytes: n * 100 }));
  assert.deepEqual(new Set(verdicts), new Set(["running"]));
});

test("sound without a picture is said, after a moment", async () => {
  const { world, player } = watch();
  world.pictures = false;
  await world.clock.pass(2_000);
  assert.deepEqual([player.state, player.sound_only], ["connecting", false]);
  await world.clock.pass(2_000);
  assert.deepEqual([player.state, player.sound_only], ["playing", true]);
  world.pictures = true;
  await world.clock.pass(1_000);
  assert.deepEqual([player.state, player.sound_only, world.posts.length], ["playing", false, 1]);
});

test("sound alone is played on in the same session, and the picture when it comes back", async () => {
  const { world, player, states } = watch();
  await world.clock.pass(3_000);
  world.pictures = false;
  await world.clock.pass(10_000);
  assert.deepEqual([player.state, player.held, player.sound_only], ["playing", true, false]);
  world.pictures = true;
  await world.clock.pass(1_000);
  assert.deepEqual([player.state, player.held, world.posts.length], ["playing", false, 1]);
  assert.deepEqual(states, ["connecting", "playing"]);
});

test("after one to two minutes of sound alone another session is tried, not by all at once", async () => {
  const tried_ms = async (/** @type {number} */ chance) => {
    const { world, player } = watch({ chance });
    await world.clock.pass(3_000);
    world.pictures = false;
    await world.clock.pass(150_000);
    player.stop();
    return world.posts[1].at_ms - world.posts[0].at_ms;
  };
  const [soon, late] = [await tried_ms(0), await tried_ms(0.99)];
  assert.ok(soon > 63_000 && soon < 75_000, `${soon}`);
  assert.ok(late - soon > 55_000, `${late}`);
  const { world, player } = watch();
  await world.clock.pass(3_000);
  world.pictures = false;
  await world.clock.pass(10_000);
  assert.equal(player.held, true);
  player.stop();
  assert.equal(player.held, false);
});

test("packets without pictures are a stall, no packets are silence", () => {
  const stalled = new StallDetector();
  const silent = new StallDetector();
  const at = (detector, n, video_bytes) => detector.sample(n * 1_000, { frames_decoded: 9, video_bytes, audio_bytes: 0 });
  for (const n of [0, 1, 2]) assert.deepEqual([at(stalled, n, 5 + n), at(silent, n, 5)], ["running", "running"]);
  assert.deepEqual([at(stalled, 3, 8), at(silent, 3, 5)], ["stalled", "silent"]);
});

test("while packets are being lost a picture has longer to come", () => {
  const lossy = new StallDetector();
  const at = (/** @type {number} */ n, nacks = 2 * n) => lossy.sample(n * 1_000, { frames_decoded: 9, video_bytes: n, audio_bytes: n, nacks });
  const verdicts = Array.from({ length: 13 }, (_, n) => at(n));
  assert.deepEqual(verdicts.map((verdict, n) => (verdict === "running" ? -1 : n)).filter((n) => n >= 0), [12]);
  const better = new StallDetector();
  const after = (/** @type {number} */ n) => better.sample(n * 1_000, { frames_decoded: 9, video_bytes: n, audio_bytes: n, nacks: 2 * Math.min(n, 3) });
  assert.deepEqual([0, 1, 2, 3, 4, 5].map(after), ["running", "running", "running", "running", "running", "stalled"]);
});

test("a few requests now and then give a picture that stands still no longer than none", () => {
  const detector = new StallDetector();
  const at = (/** @type {number} */ n) => detector.sample(n * 1_000, { frames_decoded: 9, video_bytes: n, audio_bytes: n, nacks: n });
  assert.deepEqual([0, 1, 2, 3].map(at), ["running", "running", "running", "stalled"]);
});

test("a picture that was held back is tried for eight seconds, again and again", () => {
  const detector = new StallDetector();
  const at = (/** @type {number} */ n, /** @type {number} */ video_bytes) => detector.sample(n * 1_000, { frames_decoded: 9, video_bytes, audio_bytes: n, nacks: 0 });
  const run = (/** @type {number} */ first, /** @type {number} */ last, /** @type {(n: number) => number} */ bytes) => {
    const verdicts = new Set();
    for (let n = first; n <= last; n += 1) verdicts.add(at(n, bytes(n)));
    return [...verdicts];
  };
  assert.deepEqual(run(0, 10, () => 5), ["running", "held"]);
  assert.deepEqual(run(11, 13, (n) => n), ["running"]);
  assert.deepEqual(run(14, 24, () => 13), ["running", "held"], "a trial without a picture, and held again");
  assert.deepEqual(run(25, 32, (n) => n), ["running"]);
  assert.deepEqual(run(33, 33, (n) => n), ["stalled"]);
});

test("a decoder that makes nothing of packets now and then is replaced", () => {
  const detector = new StallDetector();
  const verdicts = Array.from({ length: 20 }, (_, n) => detector.sample(n * 1_000, { frames_decoded: 9, video_bytes: Math.floor(n / 2), audio_bytes: n, nacks: 0 }));
  assert.ok(verdicts.includes("stalled"));
});

test("before the first picture of a lossy line nothing is said of the browser", async () => {
  const { world, player } = watch();
  world.undecoded = true;
  for (let n = 0; n < 16; n += 1) {
    world.nacks += 4;
    await world.clock.pass(500);
    assert.equal(player.sound_only, false);
  }
  assert.equal(world.posts.length, 1);
});

test("what was held is not, once the host is away or another session plays", async () => {
  const { world, player } = watch();
  await world.clock.pass(3_000);
  world.pictures = false;
  await world.clock.pass(6_000);
  assert.equal(player.held, true);
  player.restart(0);
  await world.clock.pass(500);
  assert.deepEqual([player.held, world.posts.length], [false, 2]);
});

test("a timer that was held back is no stall", () => {
  const detector = new StallDetector();
  const progress = { frames_decoded: 1, video_bytes: 1, audio_bytes: 1 };
  assert.equal(detector.sample(0, progress), "running");
  assert.equal(detector.sample(60_000, progress), "running");
});

test("the digest counts frames over all sessions", async () => {
  const { world, player } = watch();
  await world.clock.pass(2_000);
  const first = await player.stats();
  player.restart(0);
  await world.clock.pass(1_000);
  const second = await player.stats();
  assert.ok(second.frames_decoded > first.frames_decoded);
  assert.deepEqual([first.sessions, second.sessions], [1, 2]);
  assert.deepEqual([first.loss, first.video_codec, first.width_px], [0.03, "video/H264", 540]);
  assert.ok(first.first_picture_ms !== null && first.first_picture_ms < 1_000);
  player.stop();
  assert.equal(await player.stats(), null);
});

test("Retry-After is read as seconds and as a date", () => {
  assert.equal(retryAfterMs("3"), 3_000);
  assert.equal(retryAfterMs("Sun, 22 Nov 2026 12:00:05 GMT", Date.UTC(2026, 10, 22, 12, 0, 0)), 5_000);
  assert.equal(retryAfterMs("soon"), null);
  assert.equal(retryAfterMs(null), null);
});

test("stereo is asked for once, also where Opus has no parameters yet", () => {
  const bare = "a=rtpmap:96 opus/48000/2\r\n";
  assert.equal(withStereo(bare), "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 stereo=1\r\n");
  assert.equal(withStereo(withStereo(bare)), withStereo(bare));
  assert.equal(withStereo("m=video\r\n"), "m=video\r\n");
});

test("the round trip is asked for once, for each codec that repairs losses", () => {
  const offer = "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\n";
  const asking = withRoundTrip(offer);
  assert.equal(asking, offer.replace("nack pli\r\n", "nack pli\r\na=rtcp-fb:96 rrtr\r\n"));
  assert.equal(withRoundTrip(asking), asking);
  assert.equal(withRoundTrip("m=audio\r\n"), "m=audio\r\n");
});

test("a player offers to take dependency descriptors where the browser lets it", () => {
  const uri = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";
  const extensions = [{ uri, direction: "stopped" }, { uri: "urn:3gpp:video-orientation", direction: "sendrecv" }, { uri: "urn:x", direction: "stopped" }];
  let set = null;
  takeDescriptors({ getHeaderExtensionsToNegotiate: () => extensions, setHeaderExtensionsToNegotiate: (wanted) => { set = wanted; } });
  assert.deepEqual(set.map(({ direction }) => direction), ["sendrecv", "sendrecv", "stopped"]);
  takeDescriptors({});
});
