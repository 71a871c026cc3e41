/** What browser tests do in their page: publish a fake camera, watch a show, and look at what comes. */

import { WhepPlayer } from "/static/lib/media/whep.js";
import { WhipPublisher } from "/static/lib/media/whip.js";

const video = document.getElementById("video");
const canvas = new OffscreenCanvas(64, 64);
const pen = canvas.getContext("2d", { willReadFrequently: true });

/** Until `check` is true or the limit is over. */
async function until(check, limit_ms, what) {
  const end_ms = performance.now() + limit_ms;
  while (!(await check())) {
    if (performance.now() > end_ms) throw new Error(`not within ${limit_ms} ms: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function camera({ width = 480, height = 270, frameRate = 15 } = {}) {
  return navigator.mediaDevices.getUserMedia({ audio: true, video: { width, height, frameRate } });
}

/**
 * A canvas whose middle lights up in the first eighth of every second of the audio clock, and a beep that begins at
 * the same moments.
 */
async function flashesAndBeeps({ width = 480, height = 270 } = {}) {
  const context = new AudioContext({ sampleRate: 48_000 });
  const ears = context.createMediaStreamDestination();
  const tone = new OscillatorNode(context, { frequency: 1_000 });
  const gate = new GainNode(context, { gain: 0 });
  tone.connect(gate).connect(ears);
  tone.start();
  for (let second = 1; second < 120; second += 1) {
    gate.gain.setValueAtTime(0.5, second);
    gate.gain.setValueAtTime(0, second + 0.125);
  }
  const screen = document.body.appendChild(Object.assign(document.createElement("canvas"), { width, height }));
  const brush = screen.getContext("2d");
  let lit = false;
  let drawn_ms = 0;
  const draw = (now_ms) => {
    requestAnimationFrame(draw);
    const flash = context.currentTime % 1 < 0.125;
    if (flash === lit && now_ms - drawn_ms < 40) return;
    [lit, drawn_ms] = [flash, now_ms];
    brush.fillStyle = "#234";
    brush.fillRect(0, 0, width, height);
    brush.fillStyle = "#c84";
    brush.fillRect((now_ms / 10) % width, height * 0.85, 40, 20);
    brush.fillStyle = flash ? "#fff" : "#000";
    brush.fillRect(width / 4, height / 4, width / 2, height / 2);
  };
  requestAnimationFrame(draw);
  await context.resume();
  return new MediaStream([...screen.captureStream().getTracks(), ...ears.stream.getTracks()]);
}

/** Publishes the fake camera, or flashes and beeps; resolves when it is on the air. */
window.publish = async (show, { codec, key = "sk_test", take_over = false, size, flashing = false, layers = false } = {}) => {
  const publisher = new WhipPublisher({ url: `/whip/${show}`, key: () => key, layers, ...(codec ? { video_codecs: [codec] } : {}) });
  window.publisher = publisher;
  publisher.publish(await (flashing ? flashesAndBeeps(size) : camera(size)), { take_over });
  const settled = () => ["live", "occupied", "failed"].includes(publisher.state);
  await until(settled, 15_000, () => `publisher is ${publisher.state}`);
  return publisher.state;
};

/** Watches; resolves when pictures run. `window.first_frame_ms` is the time from the call to the first one shown. */
window.watch = async (show, { token = "tk_test", limit_ms = 15_000 } = {}) => {
  const player = new WhepPlayer({ url: `/whep/${show}`, token: () => token });
  window.player = player;
  window.states = [];
  player.subscribe(() => {
    if (window.states.at(-1)?.state !== player.state) window.states.push({ state: player.state, at_ms: performance.now() });
    if (player.stream.getTracks().length) video.play().catch(() => {});
  });
  video.srcObject = player.stream;
  const began_ms = performance.now();
  window.first_frame_ms = null;
  video.requestVideoFrameCallback(() => {
    window.first_frame_ms = performance.now() - began_ms;
  });
  player.start();
  await until(() => player.state === "playing", limit_ms, () => `player is ${player.state}`);
};

/** Resolves when the state is reached. */
window.reach = (state, limit_ms) => until(() => window.player.state === state, limit_ms, () => `player is ${window.player.state}`);

/** Resolves when the player says that the picture is held back, or no more; gives the milliseconds it took. */
window.heldIs = async (wanted, limit_ms) => {
  const began_ms = performance.now();
  await until(() => window.player.held === wanted, limit_ms, () => `held is ${window.player.held}`);
  return performance.now() - began_ms;
};

/** Resolves when this many more frames were decoded; gives the milliseconds it took. */
window.moreFrames = async (count, limit_ms = 10_000) => {
  const start = (await window.player.stats())?.frames_decoded ?? 0;
  const began_ms = performance.now();
  let now = start;
  await until(async () => (now = (await window.player.stats())?.frames_decoded ?? 0) >= start + count, limit_ms, () => `${now - start} more frames`);
  return performance.now() - began_ms;
};

/** Resolves when the video codec that comes in is this one and is decoded. */
window.codecIs = async (mime, limit_ms = 10_000) => {
  let seen = null;
  await until(async () => (seen = (await window.player.stats())?.video_codec) === mime, limit_ms, () => `codec is ${seen}`);
};

/** The picture as 64 x 64 brightness values. */
function look() {
  pen.drawImage(video, 0, 0, 64, 64);
  const { data } = pen.getImageData(0, 0, 64, 64);
  return Array.from({ length: 4096 }, (_, n) => 0.299 * data[4 * n] + 0.587 * data[4 * n + 1] + 0.114 * data[4 * n + 2]);
}

/**
 * How bright the picture is at most, and how many of its 4096 points change within a second. It looks again and
 * again: what goes round once a second, as the fake camera's figure does, looks the same a second later.
 */
window.examine = async () => {
  const first = look();
  const changed = new Set();
  for (let again = 0; again < 6; again += 1) {
    await new Promise((resolve) => setTimeout(resolve, 170));
    look().forEach((value, n) => Math.abs(value - first[n]) > 8 && changed.add(n));
  }
  return { brightest: Math.max(...first), changed: changed.size };
};

/** Loudest sample of half a second of the show's sound, 0 to 1. */
window.loudness = async () => {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 32768 });
  context.createMediaStreamSource(window.player.stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let loudest = 0;
  for (let n = 0; n < 6; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    analyser.getFloatTimeDomainData(samples);
    loudest = Math.max(loudest, ...samples.map(Math.abs));
  }
  await context.close();
  return loudest;
};

/** Frames the camera has sent so far. */
window.framesSent = async () => {
  const publisher = window.connections.at(-1);
  return [...(await publisher.getStats()).values()].find(({ type, kind }) => type === "outbound-rtp" && kind === "video")?.framesSent ?? 0;
};

/** The names of the layers that the camera sends as streams of their own, sorted; empty without simulcast. */
window.layersSent = async () => {
  const report = [...(await window.connections.at(-1).getStats()).values()];
  return report.filter(({ type, rid, framesSent }) => type === "outbound-rtp" && rid && framesSent > 0).map(({ rid }) => rid).sort();
};

/** Sums of the raw statistics of the player's newest connection, for what the digest leaves out. */
window.rawVideo = () => inbound("video");
window.rawAudio = () => inbound("audio");

async function inbound(wanted) {
  const report = [...(await window.connections.at(-1).getStats()).values()];
  return report.find(({ type, kind }) => type === "inbound-rtp" && kind === wanted) ?? {};
}

/** How much earlier what is heard was captured than what is seen, by the browser's own reckoning; in ms. */
window.soundBehindPicture = async () => {
  const [picture, sound] = await Promise.all(["video", "audio"].map(inbound));
  return picture.estimatedPlayoutTimestamp - sound.estimatedPlayoutTimestamp;
};

/** Until the picture is at least `least` and at most `most` wide. */
window.widthIs = async (least, most, limit_ms) => {
  let width = 0;
  const fits = async () => {
    width = (await window.rawVideo()).frameWidth ?? 0;
    return width >= least && width <= most;
  };
  await until(fits, limit_ms, () => `the picture is ${width} wide`);
};

/** Resolves so many milliseconds after the next key frame was decoded. */
window.laterInGroup = async (later_ms) => {
  const begun = (await window.rawVideo()).keyFramesDecoded;
  await until(async () => (await window.rawVideo()).keyFramesDecoded > begun, 20_000, () => "no key frame");
  await new Promise((resolve) => setTimeout(resolve, later_ms));
};

/** The local candidate of the path that the newest connection uses. */
window.chosenPath = async () => {
  const report = await window.connections.at(-1).getStats();
  const transport = [...report.values()].find(({ type }) => type === "transport");
  return report.get(report.get(transport.selectedCandidatePairId).localCandidateId);
};

/** Publishes and counts the relay candidates that were found when gathering ends. */
window.relayCandidates = async (show) => {
  const publisher = new WhipPublisher({ url: `/whip/${show}`, key: () => "sk_test" });
  publisher.publish(await camera());
  const gathered = () => window.connections.at(-1)?.iceGatheringState === "complete";
  await until(gathered, 15_000, () => window.connections.at(-1)?.iceGatheringState);
  const report = await window.connections.at(-1).getStats();
  publisher.leave();
  return [...report.values()].filter(({ type, candidateType }) => type === "local-candidate" && candidateType === "relay").length;
};

const WORKLET = `
registerProcessor("onsets", class extends AudioWorkletProcessor {
  quiet_s = 0;
  process([input]) {
    const samples = input[0] ?? [];
    let loudest = 0;
    let at = 0;
    for (let n = 0; n < samples.length; n += 1) if (Math.abs(samples[n]) > loudest) { loudest = Math.abs(samples[n]); at = n; }
    if (loudest < 0.08) this.quiet_s += 128 / sampleRate;
    else {
      if (this.quiet_s > 0.3) this.port.postMessage(currentTime + at / sampleRate);
      this.quiet_s = 0;
    }
    return true;
  }
});`;

/**
 * Measures how far flash and bell of the demo show are apart: for each flash in the time given, the milliseconds from
 * flash to bell (positive = the sound is late).
 */
window.flashAndBell = async (box, length_ms) => {
  const context = new AudioContext();
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" })));
  const onsets = new AudioWorkletNode(context, "onsets");
  const bells_ms = [];
  onsets.port.onmessage = ({ data }) => {
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    bells_ms.push(performanceTime + (data - contextTime) * 1000);
  };
  context.createMediaStreamSource(window.player.stream).connect(onsets);
  const flashes_ms = await flashes(box, length_ms);
  await context.close();
  return flashes_ms
    .map((at_ms) => bells_ms.map((bell_ms) => bell_ms - at_ms).sort((a, b) => Math.abs(a) - Math.abs(b))[0])
    .filter((apart_ms) => apart_ms !== undefined && Math.abs(apart_ms) < 500);
};

/** The next frame that is shown, or null when none comes until then. */
function nextFrame(end_ms) {
  return new Promise((resolve) => {
    video.requestVideoFrameCallback((_, frame) => resolve(frame));
    setTimeout(() => resolve(null), end_ms - performance.now());
  });
}

/** When the lantern in the box lit up, in performance time of the frames' presentation. */
async function flashes([left, top, right, bottom], length_ms) {
  const found_ms = [];
  const small = new OffscreenCanvas(8, 8);
  const eye = small.getContext("2d", { willReadFrequently: true });
  const end_ms = performance.now() + length_ms;
  let lit = true;
  while (performance.now() < end_ms) {
    const frame = await nextFrame(end_ms);
    if (frame === null) break;
    const { videoWidth: width, videoHeight: height } = video;
    eye.drawImage(video, left * width, top * height, (right - left) * width, (bottom - top) * height, 0, 0, 8, 8);
    const { data } = eye.getImageData(0, 0, 8, 8);
    let sum = 0;
    for (let n = 0; n < data.length; n += 4) sum += data[n + 1];
    const bright = sum / 64 > 150;
    if (bright && !lit) found_ms.push(frame.expectedDisplayTime);
    lit = bright;
  }
  return found_ms;
}

/**
 * How many milliseconds after the publisher's own clock pictures are shown that carry their number (fields along the
 * top, the highest bit first): the median of a while. The clock's zero is the same for all pages of one machine.
 */
window.lag = async (bits, frames_per_s, length_ms) => {
  const small = new OffscreenCanvas(bits, 1);
  const eye = small.getContext("2d", { willReadFrequently: true });
  const end_ms = performance.now() + length_ms;
  const found_ms = [];
  while (performance.now() < end_ms) {
    const frame = await nextFrame(end_ms);
    if (frame === null) break;
    const { videoWidth: width } = video;
    eye.drawImage(video, 0, 8, width, width / bits / 2, 0, 0, bits, 1);
    const { data } = eye.getImageData(0, 0, bits, 1);
    const number = Array.from({ length: bits }, (_, n) => data[4 * n] > 128).reduce((sum, one) => 2 * sum + one, 0);
    found_ms.push(performance.timeOrigin + frame.expectedDisplayTime - (1000 * number) / frames_per_s);
  }
  return found_ms.sort((a, b) => a - b)[Math.floor(found_ms.length / 2)];
};

window.connections = [];
const Native = window.RTCPeerConnection;
/**
 * Remembers each connection. When a test sets `window.withoutRtx`, it offers no retransmission stream; with
 * `window.onlyRelay` it uses no path but through a TURN server; with `window.scalable` ("L3T1") it publishes one
 * scalable stream, whose packets name their layers.
 */
window.RTCPeerConnection = class extends Native {
  constructor(configuration) {
    super(window.onlyRelay ? { ...configuration, iceTransportPolicy: "relay" } : configuration);
    window.connections.push(this);
  }
  addTransceiver(...args) {
    const scalable = window.scalable && args[0].kind === "video";
    if (scalable) args[1].sendEncodings = [{ scalabilityMode: window.scalable }];
    const transceiver = super.addTransceiver(...args);
    if (scalable) {
      const wanted = transceiver.getHeaderExtensionsToNegotiate();
      for (const one of wanted) if (one.uri.includes("dependency-descriptor")) one.direction = "sendrecv";
      transceiver.setHeaderExtensionsToNegotiate(wanted);
    }
    if (window.withoutRtx && args[0] === "video") {
      const codecs = RTCRtpReceiver.getCapabilities("video").codecs;
      transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => !/rtx|red|fec/i.test(mimeType)));
    }
    return transceiver;
  }
};
window.ready = true;
