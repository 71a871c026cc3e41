/**
 * Watches a show in H.264 with libdatachannel, which decodes nothing: it counts packets and hands the test the stream
 * that it has put together, for another decoder.
 *
 *     node datachannel_viewer.mjs URL KEY
 */

import datachannel from "node-datachannel";
import { H264Reader, payloadOf } from "./rtp.mjs";
import { obey, post, remove, tell } from "./signalling.mjs";

const [url, key] = process.argv.slice(2);
const ENOUGH_UNITS = 60;
const connection = new datachannel.PeerConnection("viewer", { iceServers: [], disableAutoNegotiation: true });
const counts = { sound: 0, picture: 0 };
const reader = new H264Reader();
let told = false;

const sound = new datachannel.Audio("0", "RecvOnly");
sound.addOpusCodec(111);
const picture = new datachannel.Video("1", "RecvOnly");
picture.addH264Codec(96);
const tracks = { sound: connection.addTrack(sound), picture: connection.addTrack(picture) };

function take(kind, packet) {
  const read = payloadOf(packet);
  if (read === null) return;
  counts[kind] += 1;
  if (kind === "picture") reader.take(read.payload);
  if (told || counts.sound === 0 || reader.units.length < ENOUGH_UNITS) return;
  told = true;
  tell("received", { ...counts, stream: reader.bytes().toString("base64") });
}

for (const [kind, track] of Object.entries(tracks)) {
  track.setMediaHandler(new datachannel.RtcpReceivingSession());
  track.onMessage((packet) => take(kind, packet));
}
connection.onStateChange((state) => tell("state", { state }));
connection.setLocalDescription();
const posted = await post(url, key, connection.localDescription().sdp);
if (posted.status === 201) connection.setRemoteDescription(posted.answer, "answer");

obey({
  stop: async () => {
    await remove(posted.session, key);
    connection.close();
    datachannel.cleanup();
    process.exit(0);
  },
});
