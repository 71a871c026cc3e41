/** What tests call in an empty page of any browser: publishing and watching in plain WebRTC, nothing of ours loaded. */

window.connection = null;
window.session = null;
const video = document.body.appendChild(Object.assign(document.createElement("video"), { autoplay: true, muted: true }));

async function exchange(path) {
  await window.connection.setLocalDescription();
  const headers = { "Content-Type": "application/sdp", Authorization: "Bearer test" };
  const response = await fetch(path, { method: "POST", headers, body: window.connection.localDescription.sdp });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  window.session = response.headers.get("Location");
  await window.connection.setRemoteDescription({ type: "answer", sdp: await response.text() });
}

/** Watches; `only` is the one video codec to offer. */
window.watch = async (path, only) => {
  window.connection = new RTCPeerConnection();
  const stream = new MediaStream();
  video.srcObject = stream;
  window.connection.ontrack = ({ track }) => stream.addTrack(track);
  window.connection.addTransceiver("audio", { direction: "recvonly" });
  const { codecs } = RTCRtpReceiver.getCapabilities("video");
  const wanted = codecs.filter(({ mimeType }) => mimeType === `video/${only}` || mimeType === "video/rtx");
  window.connection.addTransceiver("video", { direction: "recvonly" }).setCodecPreferences(wanted);
  await exchange(path);
};

/** A picture of stripes that move: Firefox's own fake camera is one plain colour, now bright, now dark. */
function stripes() {
  const canvas = document.body.appendChild(Object.assign(document.createElement("canvas"), { width: 640, height: 360 }));
  const pen = canvas.getContext("2d");
  let n = 0;
  setInterval(() => {
    n += 8;
    for (let x = -80; x < 640; x += 40) {
      pen.fillStyle = x % 80 === 0 ? "#eee" : "#222";
      pen.fillRect(x + (n % 80), 0, 40, 360);
    }
  }, 66);
  return canvas.captureStream(15).getVideoTracks()[0];
}

/** Publishes stripes and the browser's own fake microphone; `rids` are the layers, the largest first. */
window.publish = async (path, rids = []) => {
  window.connection = new RTCPeerConnection();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const layers = rids.map((rid, n) => ({ rid, scaleResolutionDownBy: 2 ** n }));
  const options = { direction: "sendonly", streams: [stream] };
  window.connection.addTransceiver(stream.getAudioTracks()[0], options);
  window.connection.addTransceiver(stripes(), layers.length > 0 ? { ...options, sendEncodings: layers } : options);
  await exchange(path);
};

window.leave = async () => {
  const { status } = await fetch(window.session, { method: "DELETE" });
  window.connection.close();
  return status;
};

/** The picture as 16 x 16 brightness values. */
function look() {
  const pen = new OffscreenCanvas(16, 16).getContext("2d");
  pen.drawImage(video, 0, 0, 16, 16);
  const { data } = pen.getImageData(0, 0, 16, 16);
  return Array.from({ length: 256 }, (_, n) => (data[4 * n] + data[4 * n + 1] + data[4 * n + 2]) / 3);
}

/** Resolves when so many frames are decoded and sound came; what was seen. */
window.decoded = async (frames) => {
  let first = null;
  for (;;) {
    const report = [...(await window.connection.getStats()).values()].filter(({ type }) => type === "inbound-rtp");
    const picture = report.find(({ kind }) => kind === "video");
    const sound = report.find(({ kind }) => kind === "audio");
    if (picture?.framesDecoded > 0 && video.videoWidth > 0) first ??= look();
    if (picture?.framesDecoded >= frames && sound?.packetsReceived > 0 && first !== null) {
      const last = look();
      const changed = last.filter((value, n) => Math.abs(value - first[n]) > 8).length;
      return JSON.stringify({ frames: picture.framesDecoded, sounds: sound.packetsReceived, brightest: Math.max(...last), changed });
    }
    await new Promise((done) => setTimeout(done, 50));
  }
};
