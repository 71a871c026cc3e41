/**
 * Every state of the player, without a server: `show("away")` and so on. The connection is a double; the picture is
 * a canvas, so that what is seen is what viewers see.
 */

import en from "/static/i18n/en.js";
import zh from "/static/i18n/zh.js";
import { Player } from "/static/views/player.js";

const language = new URLSearchParams(location.search).get("language") ?? "en";
const words = language === "zh" ? zh : en;
const POSTER = "data:image/svg+xml," + encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 16"><rect width="9" height="16" fill="#b4552f"/><circle cx="4.5" cy="7" r="3" fill="#f2c14e"/></svg>');

/** A picture that moves: warm stripes and a running number. */
function moving(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d");
  let n = 0;
  const draw = () => {
    for (let x = 0; x < 9; x += 1) {
      pen.fillStyle = (x + Math.floor(n / 15)) % 2 ? "#be3e2c" : "#fff6e6";
      pen.fillRect((x * width) / 9, 0, width / 9, height);
    }
    pen.fillStyle = "#3a2216";
    pen.font = `${Math.round(height / 8)}px sans-serif`;
    pen.fillText(String(n), width / 4, height / 2);
    n += 1;
  };
  draw();
  setInterval(draw, 40);
  return canvas.captureStream(25).getVideoTracks()[0];
}

const world = { answer: 201, frames: true, sound: true, shape: [540, 960] };

class Connection {
  connectionState = "new";
  frames = 0;
  bytes = 0;
  addTransceiver() { return {}; }
  getTransceivers() { return []; }
  async createOffer() { return { sdp: "" }; }
  async setLocalDescription() {}
  async setRemoteDescription() {
    if (world.frames) this.ontrack({ track: moving(...world.shape) });
    this.connectionState = "connected";
    this.onconnectionstatechange();
  }
  close() { this.connectionState = "closed"; }
  async getStats() {
    if (world.frames) this.frames += 10;
    if (world.sound) this.bytes += 100;
    return new Map([
      ["v", { type: "inbound-rtp", kind: "video", framesDecoded: this.frames, bytesReceived: this.frames * 100 }],
      ["a", { type: "inbound-rtp", kind: "audio", bytesReceived: this.bytes }],
    ]);
  }
}

const environment = {
  RTCPeerConnection: Connection,
  fetch: async (url, { headers = {} } = {}) => {
    if (world.wants && headers.Authorization !== world.wants) return { status: 401, headers: new Headers(), url: location.href, text: async () => "" };
    if (world.answer === "hang") return new Promise(() => {});
    if (world.answer === "down") throw new TypeError("down");
    return { status: world.answer, headers: new Headers(), url: location.href, text: async () => "" };
  },
};

window.hearts = [];
window.world = world;
let player = null;

/** The room's next hello, with another token. */
function renew() {
  player.attach("/whep/sh_1", "another token");
}

/** What each state needs of the world, before the player starts and after it played. */
const STATES = {
  connecting: { before: { answer: "hang" } },
  playing: {},
  landscape: { before: { shape: [960, 540] } },
  waiting: { before: { answer: 409 } },
  host_away: { after: () => { player.setHost("away"); Object.assign(world, { frames: false, sound: false }); } },
  reconnecting: { after: () => Object.assign(world, { frames: false, sound: false, answer: "down" }) },
  sound_only: { before: { frames: false } },
  held: { after: () => Object.assign(world, { frames: false }) },
  refused: { before: { answer: 400 } },
  unauthorised: { before: { answer: 403 } },
  no_such_show: { before: { answer: 404 } },
  tap_to_play: { before: { deny: true } },
};
window.names = Object.keys(STATES);

const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  if (world.deny) return Promise.reject(new DOMException("not allowed", "NotAllowedError"));
  return play.call(this);
};

window.show = (name) => {
  player?.close();
  const { before = {}, after = null } = STATES[name];
  Object.assign(world, { answer: 201, frames: true, sound: true, shape: [540, 960], deny: false, wants: "" }, before);
  const t = (key) => words[key] ?? key;
  player = new Player(document.getElementById("stage"), { t, poster: POSTER, environment, renew: () => setTimeout(renew, 50), onHeart: (place) => window.hearts.push(place) });
  window.player = player;
  if (world.deny) document.querySelector("video").autoplay = false;
  player.attach("/whep/sh_1", "token");
  player.setHost("live");
  if (after) setTimeout(after, 1_200);
};
window.allow = () => { world.deny = false; };
window.ready = true;
const asked = new URLSearchParams(location.search).get("state");
if (asked) window.show(asked);
