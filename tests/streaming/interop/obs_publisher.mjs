/**
 * Publishes a clip with libdatachannel, the stack in OBS, in the way of OBS's WHIP output (plugins/obs-webrtc in
 * obsproject/obs-studio): audio first, payload types 111 and 96, one announced SSRC a section, header extensions 1
 * (mid) and 2 (rid), no candidates in the offer, nothing trickled, 201 and a Location or nothing, every layer accepted
 * or nothing, and at the end the connection closed before the DELETE is sent.
 *
 *     node obs_publisher.mjs URL KEY CLIP CODEC [LAYERS]
 *
 * One layer of H.264 goes through the library's own packetizers, as in OBS. Node's binding cannot write header
 * extensions and has no packetizer for VP8 and VP9, so layers and these codecs are packetized here. OBS sends no VP8
 * or VP9; the offer has its shape.
 */

import { readFileSync } from "node:fs";
import datachannel from "node-datachannel";
import { RtpStream } from "./rtp.mjs";
import { obey, post, remove, tell } from "./signalling.mjs";

const [url, key, file, codec, layers = "1"] = process.argv.slice(2);
const clip = JSON.parse(readFileSync(file, "utf8"));
const audio_frames = clip.audio.map((text) => Buffer.from(text, "base64"));
const video_frames = clip.video.map((layer) => layer.map((text) => Buffer.from(text, "base64")));
const rids = Number(layers) > 1 ? video_frames.map((_, n) => String(n)) : [null];
const BASE_SSRC = 1_000_000 + Math.floor(Math.random() * 2 ** 30);
const FRAGMENT_BYTES = 1200;
const ADD = { H264: "addH264Codec", VP8: "addVP8Codec", VP9: "addVP9Codec" };

const connection = new datachannel.PeerConnection("obs", { iceServers: [], disableAutoNegotiation: true });
const sound = new datachannel.Audio("0", "SendOnly");
sound.addOpusCodec(111);
sound.addSSRC(BASE_SSRC, "cname", "stream", "stream-audio");
const sound_track = connection.addTrack(sound);
const picture = new datachannel.Video("1", "SendOnly");
picture.addSSRC(BASE_SSRC + 1, "cname", "stream", "stream-video");
picture.parseSdpLine("a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid");
picture.parseSdpLine("a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id");
if (rids.length > 1) {
  for (const rid of rids) picture.parseSdpLine(`a=rid:${rid} send`);
  picture.parseSdpLine(`a=simulcast:send ${rids.join(";")}`);
}
picture[ADD[codec]](96);
const picture_track = connection.addTrack(picture);

/** The library's own way: packetizer, sender reports, answers to NACK. */
function through(track, ssrc, payload_type, clock_hz, make) {
  const config = new datachannel.RtpPacketizationConfig(ssrc, "cname", payload_type, clock_hz);
  const packetizer = make(config);
  packetizer.addToChain(new datachannel.RtcpSrReporter(config));
  packetizer.addToChain(new datachannel.RtcpNackResponder());
  track.setMediaHandler(packetizer);
  return (frame, elapsed_s) => {
    config.timestamp = Math.round(elapsed_s * clock_hz) >>> 0;
    track.sendMessageBinary(frame);
  };
}

/** One sender report a second for all layers together, for the layer whose turn it is then. */
let reported_s = -1;

/** The plain way: packets of our making; each layer gives a frame the same time. */
function plain(track, clock_hz, options) {
  const stream = new RtpStream(options);
  return (frame, elapsed_s) => {
    const timestamp = Math.round(elapsed_s * clock_hz);
    for (const packet of stream.packets(frame, timestamp)) track.sendMessageBinary(packet);
    if (elapsed_s - reported_s < 1) return;
    track.sendMessageBinary(stream.report(timestamp, Date.now()));
    reported_s = elapsed_s;
  };
}

const sendSound = through(sound_track, BASE_SSRC, 111, 48_000, (config) => new datachannel.RtpPacketizer(config));
const packetized = codec === "H264" && rids.length === 1;
const sendPicture = rids.map((rid, n) =>
  packetized
    ? through(picture_track, BASE_SSRC + 1, 96, 90_000, (config) => new datachannel.H264RtpPacketizer("StartSequence", config, FRAGMENT_BYTES))
    : plain(picture_track, 90_000, { ssrc: BASE_SSRC + 1 + n, payload_type: 96, codec, mid: "1", rid }),
);

let pump = null;
/** Plays the clip in a circle, each frame when it is due. */
function play() {
  const began_ms = performance.now();
  let sounds = 0;
  let pictures = 0;
  pump = setInterval(() => {
    const elapsed_s = (performance.now() - began_ms) / 1000;
    for (; sounds * 0.02 <= elapsed_s; sounds += 1) sendSound(audio_frames[sounds % audio_frames.length], sounds * 0.02);
    for (; pictures / clip.frames_per_s <= elapsed_s; pictures += 1) {
      for (const [n, frames] of video_frames.entries()) sendPicture[n](frames[pictures % frames.length], pictures / clip.frames_per_s);
    }
  }, 10);
  tell("playing");
}

let session = null;
let opened = 0;
for (const track of [sound_track, picture_track]) track.onOpen(() => (opened += 1) === 2 && play());
connection.onStateChange((state) => tell("state", { state }));
connection.setLocalDescription();
// OBS gathers after the answer; the binding cannot, so what it has found by now is left out.
const offer = connection.localDescription().sdp.replaceAll(/a=(candidate|end-of-candidates).*\r\n/g, "");
const posted = await post(url, key, offer.replaceAll(/^m=(\w+) \d+ /gm, "m=$1 9 "));
const accepted = (posted.answer.match(/^a=simulcast:recv (.*)$/m)?.[1] ?? "").split(";");
if (posted.status !== 201 || posted.session === null) tell("refused", { why: "OBS wants 201 and a Location" });
else if (rids.length > 1 && accepted.length !== rids.length) tell("refused", { why: "OBS wants every layer" });
else {
  session = posted.session;
  connection.setRemoteDescription(posted.answer, "answer");
}

obey({
  stop: async () => {
    clearInterval(pump);
    connection.close();
    if (session !== null) await remove(session, key);
    datachannel.cleanup();
    process.exit(0);
  },
});
