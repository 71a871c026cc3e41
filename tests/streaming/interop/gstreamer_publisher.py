"""Publishes with GStreamer's webrtcbin and a POST of our own, in the system's Python, which has GStreamer.

    /usr/bin/python3 gstreamer_publisher.py URL KEY VP8|H264

The signalling is ours because Debian's GStreamer has no WHIP element. It tells and obeys like the Node
programs (`tests.streaming.interop.clients`).
"""

import json
import sys
import threading
import urllib.parse
import urllib.request
from typing import Any

import gi  # type: ignore[import-not-found] # the system's, not the virtual environment's

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # type: ignore[import-not-found] # noqa: E402

LIMIT_S = 8
ENCODERS = {
    "VP8": "vp8enc deadline=1 keyframe-max-dist=15 ! rtpvp8pay pt=96",
    "H264": "openh264enc gop-size=15 ! h264parse ! rtph264pay pt=96 config-interval=-1",
}
PIPELINE = """
webrtcbin name=peer bundle-policy=max-bundle
audiotestsrc is-live=true ! audioconvert ! audioresample ! opusenc ! rtpopuspay pt=111
  ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000 ! queue ! peer.
videotestsrc is-live=true horizontal-speed=4 ! video/x-raw,format=I420,width=320,height=180,framerate=15/1
  ! {encoder}
  ! application/x-rtp,media=video,encoding-name={codec},payload=96,clock-rate=90000 ! queue ! peer.
"""


def tell(event: str, **facts: object) -> None:
    """Tell the test something."""
    # One write: GStreamer's threads report too, and `print` writes line and line end apart.
    sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
    sys.stdout.flush()


class Publisher:
    """A pipeline and its session."""

    def __init__(self, url: str, key: str, codec: str) -> None:
        self.url, self.key = url, key
        self.session: str | None = None
        self.pipeline: Any = Gst.parse_launch(PIPELINE.format(encoder=ENCODERS[codec], codec=codec))
        self.peer: Any = self.pipeline.get_by_name("peer")
        self.peer.connect("on-negotiation-needed", self.offer)
        self.peer.connect("notify::ice-gathering-state", self.gathered)
        self.peer.connect("notify::connection-state", self.changed)
        self.pipeline.set_state(Gst.State.PLAYING)

    def offer(self, peer: Any) -> None:
        """Offer to send, and gather."""
        for number in range(2):
            transceiver = peer.emit("get-transceiver", number)
            transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
        peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offered))

    def offered(self, promise: Any) -> None:
        """Take the offer as ours."""
        reply = promise.get_reply()  # it owns the offer, so it must live as long
        self.peer.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())

    def gathered(self, peer: Any, what: object) -> None:
        """Post the offer once all candidates are in it."""
        del what
        if peer.get_property("ice-gathering-state") != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            return
        local = peer.get_property("local-description")
        answer = self.request("POST", self.url, local.sdp.as_text())
        _, message = GstSdp.SDPMessage.new_from_text(answer)
        kind = GstWebRTC.WebRTCSDPType.ANSWER
        description = GstWebRTC.WebRTCSessionDescription.new(kind, message)
        peer.emit("set-remote-description", description, Gst.Promise.new())

    def changed(self, peer: Any, what: object) -> None:
        """Tell the connection's state."""
        del what
        tell("state", state=peer.get_property("connection-state").value_nick)

    def request(self, method: str, url: str, body: str = "") -> str:
        """Speak to the server; tell the status."""
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {self.key}"}
        request = urllib.request.Request(url, body.encode() or None, headers, method=method)  # noqa: S310 the test's own
        with urllib.request.urlopen(request, timeout=LIMIT_S) as response:  # noqa: S310
            answer = str(response.read().decode())
            if location := response.headers["Location"]:
                self.session = urllib.parse.urljoin(self.url, location)
            tell("answered" if method == "POST" else "deleted", status=response.status, answer=answer)
        return answer

    def stop(self) -> None:
        """Delete the session and end the pipeline."""
        if self.session is not None:
            self.request("DELETE", self.session)
        self.pipeline.set_state(Gst.State.NULL)


def main() -> None:
    """Publish until the input says stop or ends."""
    Gst.init(None)
    tell("version", version=Gst.version_string())
    publisher = Publisher(*sys.argv[1:])
    loop = GLib.MainLoop()

    def obey() -> None:
        sys.stdin.readline()
        publisher.stop()
        loop.quit()

    threading.Thread(target=obey, daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()
