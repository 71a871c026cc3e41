/**
 * libwebrtc for Node (`@roamhq/wrtc`): `publish` sends a moving picture and a tone of our making, `watch` looks at the
 * pictures and listens to the sound it decodes.
 *
 *     node wrtc.mjs publish|watch URL KEY
 */

import wrtc from "@roamhq/wrtc";
import { obey, post, remove, tell } from "./signalling.mjs";

const { MediaStream, RTCPeerConnection } = wrtc;
const { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource } = wrtc.nonstandard;
const [role, url, key] = process.argv.slice(2);
const WIDTH = 320;
const HEIGHT = 180;
const SAMPLES = 480;
const connection = new RTCPeerConnection();
const timers = [];
connection.onconnectionstatechange = () => tell("state", { state: connection.connectionState });

/** Stripes that move: I420 with grey colour planes. */
function picture(number) {
  const data = new Uint8ClampedArray((WIDTH * HEIGHT * 3) / 2).fill(128);
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) data[y * WIDTH + x] = (x + 4 * number) % 80 < 40 ? 230 : 20;
  }
  return { width: WIDTH, height: HEIGHT, data };
}

function tone(number) {
  const samples = Int16Array.from({ length: SAMPLES }, (_, n) => 8_000 * Math.sin(((number * SAMPLES + n) * 2 * Math.PI * 440) / 48_000));
  return { samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1, numberOfFrames: SAMPLES };
}

/** Calls `each` with 0, 1, … at a steady pace, whatever the timer does. */
function pace(per_second, each) {
  const began_ms = performance.now();
  let count = 0;
  timers.push(setInterval(() => {
    for (; (count * 1000) / per_second <= performance.now() - began_ms; count += 1) each(count);
  }, 5));
}

function publish() {
  const [video, audio] = [new RTCVideoSource(), new RTCAudioSource()];
  const stream = new MediaStream();
  connection.addTransceiver(audio.createTrack(), { direction: "sendonly", streams: [stream] });
  connection.addTransceiver(video.createTrack(), { direction: "sendonly", streams: [stream] });
  pace(15, (number) => video.onFrame(picture(number)));
  pace(100, (number) => audio.onData(tone(number)));
}

const seen = { pictures: 0, brightest: 0, changed: 0, sounds: 0, loudest: 0 };
let before = null;

function look({ frame }) {
  seen.pictures += 1;
  const bright = frame.data.subarray(0, frame.width * frame.height);
  for (let n = 0; n < bright.length; n += 97) {
    seen.brightest = Math.max(seen.brightest, bright[n]);
    if (before !== null && Math.abs(bright[n] - before[n]) > 8) seen.changed += 1;
  }
  before = bright.slice();
  if (seen.pictures % 20 === 0) tell("seen", seen);
}

function listen({ samples }) {
  seen.sounds += 1;
  for (const sample of samples) seen.loudest = Math.max(seen.loudest, Math.abs(sample));
}

function watch() {
  for (const kind of ["audio", "video"]) connection.addTransceiver(kind, { direction: "recvonly" });
  connection.ontrack = ({ track }) => {
    if (track.kind === "video") new RTCVideoSink(track).onframe = look;
    else new RTCAudioSink(track).ondata = listen;
  };
}

({ publish, watch })[role]();
await connection.setLocalDescription(await connection.createOffer());
const posted = await post(url, key, connection.localDescription.sdp);
if (posted.status === 201) await connection.setRemoteDescription({ type: "answer", sdp: posted.answer });

obey({
  stop: async () => {
    timers.forEach(clearInterval);
    await remove(posted.session, key);
    connection.close();
    process.exit(0);
  },
});
