/** What the Firefox tests call in their page; nothing of ours is loaded there, so this is a viewer in plain WebRTC. */

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

/** Publishes Firefox's own fake camera and microphone. */
window.publish = async (path) => {
  window.connection = new RTCPeerConnection();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 180 } });
  for (const track of stream.getTracks()) window.connection.addTransceiver(track, { direction: "sendonly", streams: [stream] });
  await exchange(path);
};

window.leave = async () => (await fetch(window.session, { method: "DELETE" })).status;

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
