/** What the figures of a show's media mean in words: pure, with the translation handed in. */

import { lineHealth } from "../lib/media/line_health.js";

/** @typedef {import("../lib/words/i18n.js").Translate} Translate */
/** @typedef {import("../lib/types.js").MediaProcess} MediaProcess */
/** @typedef {import("../lib/types.js").MediaViewer} MediaViewer */
/** @typedef {import("../lib/types.js").MediaLayer} MediaLayer */

/** The worst first, as the server sorts them. */
export const STATES = Object.freeze(["no_codec", "held", "waiting", "connecting", "replaying", "live"]);
const EMPTY = Object.freeze({ state: "never", publisher: null, layers: [], total: 0, states: {}, viewers: [] });

/**
 * @typedef {{state: string, publisher: import("../lib/types.js").MediaPublisher | null, layers: MediaLayer[], total: number,
 *   states: Record<string, number>, viewers: MediaViewer[]}} Stream
 */

/**
 * One show of what every process that carries it says: the publisher is at one of them.
 * @param {{processes: MediaProcess[]}} answer
 * @returns {Stream}
 */
export function combine({ processes }) {
  const first = processes.find(({ publisher }) => publisher) ?? processes[0];
  if (!first) return { ...EMPTY };
  /** @type {Record<string, number>} */
  const states = {};
  for (const one of processes) for (const [state, count] of Object.entries(one.states)) states[state] = (states[state] ?? 0) + count;
  return {
    state: first.state,
    publisher: first.publisher,
    layers: first.layers.map((layer, at) => ({ ...layer, name: layer.name || String(at + 1), viewers: sum(processes.flatMap(({ layers }) => layers.filter((_, place) => placeIn(first.layers, layers, place) === at)).map(({ viewers }) => viewers)) })),
    total: sum(processes.map(({ viewers_total }) => viewers_total)),
    states,
    viewers: processes.flatMap((one) => one.viewers.map((viewer) => ({ ...viewer, layer: placeIn(first.layers, one.layers, viewer.layer) }))).sort(worstFirst),
  };
}

/**
 * The place in the publisher's process of a layer of another. Only there have layers their RIDs, and none of a scalable
 * stream has one. A process that the show is passed on to numbers them as the publisher does, and has them in the same
 * order; one that does not flow may be missing.
 * @param {MediaLayer[]} layers @param {MediaLayer[]} others @param {number | null} place @returns {number | null}
 */
function placeIn(layers, others, place) {
  const layer = place === null ? undefined : others[place];
  if (place === null || layer === undefined) return null;
  if (others === layers) return place;
  const named = layers.findIndex(({ name }) => name !== "" && name === layer.name);
  if (named >= 0) return named;
  const at = others.length === layers.length || layer.name === "" ? place : Number(layer.name);
  return layers[at] ? at : null;
}

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);

/** @param {MediaViewer} one @param {MediaViewer} other */
function worstFirst(one, other) {
  return STATES.indexOf(one.state) - STATES.indexOf(other.state) || (other.lost_share ?? 0) - (one.lost_share ?? 0) || (other.round_trip_ms ?? 0) - (one.round_trip_ms ?? 0);
}

/**
 * How the host's stream does, in one word of `stream.health`.
 * @param {Stream} stream
 * @returns {"good" | "fair" | "poor" | "away" | "off"}
 */
export function healthOf({ state, publisher }) {
  if (state === "never" || state === "ended") return "off";
  if (!publisher || state !== "live") return "away";
  if (!publisher.bits_per_s) return "poor";
  return lineHealth(publisher.lost_share ?? 0, publisher.round_trip_ms ?? 0);
}

/** The largest picture. @param {MediaLayer[]} layers @returns {MediaLayer | null} */
export function bestLayer(layers) {
  return layers.reduce((/** @type {MediaLayer | null} */ best, layer) => (best && area(best) >= area(layer) ? best : layer), null);
}

/** @param {MediaLayer} layer */
const area = ({ width, height }) => (width ?? 0) * (height ?? 0);

/**
 * The host's stream in a few words, most important first.
 * @param {Stream} stream @param {Translate} t @param {string} locale
 * @returns {string[]}
 */
export function publisherWords({ publisher, layers }, t, locale) {
  if (!publisher) return [];
  const best = bestLayer(layers);
  return [
    best ? t("stream.picture", { size: sizeWords(best, t) }) : t("stream.no_picture"),
    rateWords(publisher.bits_per_s, locale),
    ...(publisher.lost_share === null ? [] : [lossWords(publisher.lost_share, t, locale)]),
    ...(best ? [keyFrameWords(best, t, locale)] : []),
    ...(publisher.round_trip_ms === null ? [] : [t("stream.round_trip", { ms: Math.round(publisher.round_trip_ms) })]),
    ...(publisher.path ? [pathWords(publisher.path, t)] : []),
  ];
}

/** "UDP · relay"; without a type, as older processes tell it, "UDP". @param {import("../lib/types.js").MediaPath} path @param {Translate} t */
function pathWords({ transport, candidate_type }, t) {
  return [transport.toUpperCase(), ...(candidate_type ? [t(`stream.candidate.${candidate_type}`)] : [])].join(" · ");
}

/** How far key frames lie apart, in short. @param {MediaLayer} layer @param {Translate} t @param {string} locale */
export function apart({ key_frame_interval_s }, t, locale) {
  return key_frame_interval_s === null ? "–" : t("stream.apart", { seconds: seconds(key_frame_interval_s, locale) });
}

/** @param {MediaLayer} layer @param {Translate} t @param {string} locale */
function keyFrameWords({ key_frame_interval_s, key_frame_age_s }, t, locale) {
  if (key_frame_age_s === null) return t("stream.no_key_frame");
  if (key_frame_interval_s === null) return t("stream.key_frame_age", { seconds: seconds(key_frame_age_s, locale) });
  return t("stream.key_frames", { seconds: seconds(key_frame_interval_s, locale) });
}

/**
 * What concerns one viewer, without its state.
 * @param {MediaViewer} viewer @param {MediaLayer[]} layers @param {Translate} t @param {string} locale
 * @returns {string[]}
 */
export function viewerWords(viewer, layers, t, locale) {
  const layer = viewer.layer === null ? undefined : layers[viewer.layer];
  return [
    ...(layer ? [sizeWords(layer, t)] : []),
    rateWords(viewer.bits_per_s, locale),
    ...(viewer.lost_share === null ? [] : [lossWords(viewer.lost_share, t, locale)]),
    ...(viewer.round_trip_ms === null ? [] : [t("stream.round_trip", { ms: Math.round(viewer.round_trip_ms) })]),
    ...(viewer.codec ? [codecWords(viewer.codec)] : []),
    ...(viewer.path ? [pathWords(viewer.path, t)] : []),
    ...(viewer.repeats ? [t("stream.repeats", { count: viewer.repeats })] : []),
  ];
}

/** "H264/42e0/1" is H264 to people. @param {string} codec */
const codecWords = (codec) => codec.split("/")[0];

/** @param {MediaLayer} layer @param {Translate} t */
export function sizeWords({ width, height, name }, t) {
  return width && height ? `${width}×${height}` : t("stream.layer", { name });
}

/** "2.4 Mb/s", "64 kb/s". @param {number} bits_per_s @param {string} locale */
export function rateWords(bits_per_s, locale) {
  const [value, unit, digits] = bits_per_s >= 1e6 ? [bits_per_s / 1e6, "Mb/s", 1] : [bits_per_s / 1e3, "kb/s", 0];
  return `${value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}

/** @param {number} share @param {Translate} t @param {string} locale */
function lossWords(share, t, locale) {
  return t("stream.lost", { share: share.toLocaleString(locale, { style: "percent", maximumFractionDigits: 1 }) });
}

/** @param {number} value @param {string} locale */
const seconds = (value, locale) => value.toLocaleString(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** How long a session lasts, in its largest units. @param {number} total_s @param {Translate} t */
export function sinceWords(total_s, t) {
  const whole_s = Math.floor(total_s);
  const [h, m] = [Math.floor(whole_s / 3600), Math.floor(whole_s / 60) % 60];
  const time = h ? t("stream.hour", { h, m }) : m ? t("stream.minute", { m }) : t("stream.second", { s: whole_s });
  return t("stream.since", { time });
}
