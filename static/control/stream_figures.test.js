import assert from "node:assert/strict";
import { test } from "node:test";
import { I18n } from "../lib/words/i18n.js";
import { STATES, combine, healthOf, publisherWords, rateWords, sinceWords, sizeWords, viewerWords } from "./stream_figures.js";
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

/** A layer of a scalable stream, which has no RID. @param {number | null} height @param {number} viewers @param {string} [name] */
const scalable = (height, viewers, name = "") => ({ ...LAYER, name, width: height && (height * 16) / 9, height, viewers });
/** @param {number} layer */
const on = (layer) => ({ ...VIEWER, session: `on_${layer}`, layer });
/** What is shown of these processes: each layer's height and viewers, and each viewer's layer. @param {...any} processes */
function shown(...processes) {
  const stream = combine({ processes: processes.map((one, process) => ({ ...PROCESS, process, ...one })) });
  return [stream.layers.map(({ height, viewers }) => [height, viewers]), Object.fromEntries(stream.viewers.map(({ session, layer }) => [session, layer]))];
}

test("the layers of a scalable stream, which have no names, are told apart", () => {
  const layers = [scalable(180, 1), scalable(360, 2), scalable(720, 7)];
  assert.deepEqual(shown({ layers, viewers: [on(0), on(1), on(2)] }), [[[180, 1], [360, 2], [720, 7]], { on_0: 0, on_1: 1, on_2: 2 }]);
});

test("layers without a name whose size is not known yet are called by their place", () => {
  const { layers } = combine({ processes: [{ ...PROCESS, layers: [scalable(null, 1), scalable(null, 2)] }] });
  assert.deepEqual(layers.map((layer) => sizeWords(layer, english.t)), ["layer 1", "layer 2"]);
});

test("a process that the stream is passed on to names layers by number: they say which is which", () => {
  const owner = { layers: [scalable(180, 1), scalable(360, 2), scalable(720, 7)], viewers: [] };
  const edge = (/** @type {any[]} */ layers) => ({ publisher: null, layers, viewers: layers.map((_, place) => on(place)) });
  const all = [scalable(180, 10, "0"), scalable(360, 20, "1"), scalable(720, 30, "2")];
  assert.deepEqual(shown(owner, edge(all)), [[[180, 11], [360, 22], [720, 37]], { on_0: 0, on_1: 1, on_2: 2 }]);
  const unsized = all.map((layer) => ({ ...layer, width: null, height: null }));
  assert.deepEqual(shown(owner, edge(unsized))[1], { on_0: 0, on_1: 1, on_2: 2 });
  assert.deepEqual(shown(owner, edge([all[0], all[2]]))[1], { on_0: 0, on_1: 2 }, "one does not flow");
  assert.deepEqual(shown(owner, edge([unsized[0], unsized[2]]))[1], { on_0: 0, on_1: 2 });
  const named = { ...owner, layers: ["q", "h", "f"].map((name, place) => ({ ...owner.layers[place], name })) };
  assert.deepEqual(shown(named, edge(unsized)), [[[180, 11], [360, 22], [720, 37]], { on_0: 0, on_1: 1, on_2: 2 }]);
});

test("a layer that the publisher's process does not have is nobody's", () => {
  const owner = { layers: [scalable(180, 1)], viewers: [] };
  const edge = { publisher: null, layers: [scalable(180, 2, "0"), scalable(null, 4, "1")], viewers: [on(0), on(1), { ...on(9), layer: 9 }] };
  assert.deepEqual(shown(owner, edge), [[[180, 3]], { on_0: 0, on_1: null, on_9: null }]);
});

test("small rates are kb/s", () => {
  assert.equal(rateWords(64_400, "en"), "64 kb/s");
  assert.equal(rateWords(0, "en"), "0 kb/s");
  assert.equal(rateWords(1_000_000, "en"), "1.0 Mb/s");
});

test("every state has words in both languages", () => {
  for (const state of STATES) for (const dictionary of [en, zh]) assert.ok(`stream.state.${state}` in dictionary, state);
});
