import assert from "node:assert/strict";
import { test } from "node:test";
import { I18n } from "../lib/words/i18n.js";
import { STATES, combine, healthOf, publisherWords, rateWords, sinceWords, viewerWords } from "./stream_figures.js";
import { en, zh } from "./words.js";

const memory = { getItem: () => null, setItem: () => {} };
const english = new I18n({ en: [en], zh: [zh] }, memory, ["en-GB"]);
const chinese = new I18n({ en: [en], zh: [zh] }, memory, ["zh-CN"]);

const LAYER = { name: "h", codec: "VP8", width: 1280, height: 720, bits_per_s: 2_310_000, key_frame_interval_s: 2, key_frame_age_s: 0.7, viewers: 3 };
const SMALL = { ...LAYER, name: "l", width: 320, height: 180, bits_per_s: 120_000, viewers: 1 };
const PUBLISHER = { session: "3fa91c20", seconds: 61, sound_codec: "OPUS", bits_per_s: 2_400_000, sound_bits_per_s: 64_000, lost_share: 0.003, round_trip_ms: 31.6, path: { transport: "udp", family: "ipv4" } };
const VIEWER = { session: "aa00bb11", seconds: 4000, state: "live", bits_per_s: 2_400_000, lost_share: 0.02, round_trip_ms: 40, layer: 0, codec: "H264/42e0/1", path: { transport: "tcp", family: "ipv4" }, repeats: 7 };
const PROCESS = { process: 0, state: "live", over_s: 3, publisher: PUBLISHER, layers: [LAYER], viewers_total: 1, states: { live: 1 }, offset: 0, viewers: [VIEWER] };

test("the host's stream is said in a few words", () => {
  const stream = combine({ processes: [PROCESS] });
  assert.equal(publisherWords(stream, english.t, english.locale).join(", "), "picture 1280×720, 2.4 Mb/s, 0.3% lost, key frame every 2.0 s, round trip 32 ms, UDP");
  assert.equal(publisherWords(stream, chinese.t, chinese.locale).join("，"), "画面 1280×720，2.4 Mb/s，丢包 0.3%，关键帧间隔 2.0 秒，往返 32 毫秒，UDP");
});

test("the type of the other end's candidate stands beside the protocol", () => {
  const at = (/** @type {any} */ candidate_type) => combine({ processes: [{ ...PROCESS, publisher: { ...PUBLISHER, path: { ...PUBLISHER.path, candidate_type } } }] });
  const types = ["host", "srflx", "prflx", "relay", null];
  assert.deepEqual(types.map((type) => publisherWords(at(type), english.t, "en").at(-1)), ["UDP · host", "UDP · srflx", "UDP · prflx", "UDP · relay", "UDP"]);
  assert.deepEqual(types.map((type) => publisherWords(at(type), chinese.t, "zh").at(-1)), ["UDP · 主机地址", "UDP · 服务器反射", "UDP · 对端反射", "UDP · 中继", "UDP"]);
  const relayed = { ...VIEWER, path: { ...VIEWER.path, candidate_type: "relay" } };
  assert.ok(viewerWords(relayed, [LAYER], english.t, "en").includes("TCP · relay"));
});

test("what is not known is not said", () => {
  const quiet = { ...PUBLISHER, lost_share: null, round_trip_ms: null, path: null };
  const fresh = { ...LAYER, width: null, height: null, key_frame_interval_s: null };
  const words = (/** @type {any} */ layers) => publisherWords(combine({ processes: [{ ...PROCESS, publisher: quiet, layers }] }), english.t, "en");
  assert.deepEqual(words([fresh]), ["picture layer h", "2.4 Mb/s", "one key frame, 0.7 s ago"]);
  assert.deepEqual(words([{ ...fresh, key_frame_age_s: null }]), ["picture layer h", "2.4 Mb/s", "no key frame yet"]);
  assert.deepEqual(words([]), ["no picture", "2.4 Mb/s"]);
});

test("the largest layer is the picture, whatever order they come in", () => {
  assert.equal(publisherWords(combine({ processes: [{ ...PROCESS, layers: [SMALL, LAYER] }] }), english.t, "en")[0], "picture 1280×720");
});

test("health is one word: loss, a long way, silence, absence", () => {
  /** @param {object} publisher @param {object} [more] */
  const health = (publisher, more) => healthOf(combine({ processes: [{ ...PROCESS, publisher: { ...PUBLISHER, ...publisher }, ...more }] }));
  assert.equal(health({}), "good");
  assert.equal(health({ lost_share: 0.03 }), "fair");
  assert.equal(health({ round_trip_ms: 300 }), "fair");
  assert.equal(health({ lost_share: 0.1 }), "poor");
  assert.equal(health({ bits_per_s: 0 }), "poor");
  assert.equal(health({}, { state: "away" }), "away");
  assert.equal(health({}, { publisher: null }), "away");
  assert.equal(health({}, { state: "ended" }), "off");
  assert.equal(healthOf(combine({ processes: [] })), "off");
});

test("a viewer's facts are said with its layer's size and its codec's plain name", () => {
  assert.equal(viewerWords(VIEWER, [LAYER], english.t, "en").join(", "), "1280×720, 2.4 Mb/s, 2% lost, round trip 40 ms, H264, TCP, 7 repeats");
  assert.equal(sinceWords(VIEWER.seconds, english.t), "for 1 h 6 min");
  assert.equal(sinceWords(61, chinese.t), "已连接 1 分钟");
  assert.equal(sinceWords(9.9, english.t), "for 9 s");
});

test("several processes are one stream: sums, the publisher's layers, and the worst of all first", () => {
  const lossy = { ...VIEWER, session: "lossy", layer: 0, lost_share: 0.5 };
  const waiting = { ...VIEWER, session: "waiting", state: "waiting", layer: null };
  const edge = { ...PROCESS, process: 1, publisher: null, layers: [SMALL, LAYER], viewers_total: 2, states: { live: 1, waiting: 1 }, viewers: [waiting, lossy] };
  const stream = combine({ processes: [edge, { ...PROCESS, layers: [LAYER, SMALL] }] });
  assert.equal(stream.publisher?.session, "3fa91c20");
  assert.equal(stream.total, 3);
  assert.deepEqual(stream.states, { live: 2, waiting: 1 });
  assert.deepEqual(stream.layers.map(({ name, viewers }) => [name, viewers]), [["h", 6], ["l", 2]]);
  assert.deepEqual(stream.viewers.map(({ session, layer }) => [session, layer]), [["waiting", null], ["lossy", 1], ["aa00bb11", 0]]);
});

test("small rates are kb/s", () => {
  assert.equal(rateWords(64_400, "en"), "64 kb/s");
  assert.equal(rateWords(0, "en"), "0 kb/s");
  assert.equal(rateWords(1_000_000, "en"), "1.0 Mb/s");
});

test("every state has words in both languages", () => {
  for (const state of STATES) for (const dictionary of [en, zh]) assert.ok(`stream.state.${state}` in dictionary, state);
});
