"""CPU of the forwarding path per packet: `.venv/bin/python -m benchmarks.relay [--viewers 150] [--json]`.

One core, no handshakes in the timed part: viewers are real SRTP ends whose datagrams go to a loopback
socket that nobody reads (the kernel drops what does not fit), so the limit is this process. The source is
that of the reference's table: 30 frames a second of 4 packets of 1,112 B, and 50 of 132 B.
"""

import argparse
import datetime as dt
import json
import os
import socket
import time
from dataclasses import dataclass

from streaming.transport.mmsg_native import Arena

from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.forwarder import Fanout
from streaming.negotiation import MID, AgreedMedia
from streaming.rtp.ring import StoredPacket
from streaming.sdp import Media
from streaming.transport.connection import Connection
from streaming.transport.dtls_crypto import DtlsEnd, DtlsIdentity
from streaming.transport.media_udp import MediaSocket
from streaming.transport.srtp_native import PROFILES, Scratch, SrtpEnd
from streaming.viewer_track import ViewerTrack

VIDEO_BYTES, AUDIO_BYTES = 1112 - 12, 132 - 12
VIDEO_SHARE = 120 / 170
SECONDS = 5.0


@dataclass
class Result:
    """What was measured."""

    viewers: int
    packets: int
    cpu_us_per_packet: float
    sent_share: float


def build_fanout(viewers: int, counters: Counters) -> tuple[Fanout, socket.socket]:
    """Make live viewers with keys of their own."""
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind(("127.0.0.1", 0))
    own = MediaSocket("127.0.0.1", 0, ["127.0.0.1"], counters)
    identity = DtlsIdentity(dt.datetime.now(tz=dt.UTC))
    fanout = Fanout(Arena(), counters)
    offer = Media("video", 9, "UDP/TLS/RTP/SAVPF", ["96"], mid="1")
    section = AgreedMedia(offer, [Codec(96, "VP8", 90_000)], {1: MID}, ())
    for number in range(viewers):
        connection = Connection(DtlsEnd(identity, [], client=False), Scratch(), counters, 0.0)
        connection.tx = SrtpEnd(PROFILES[0], os.urandom(28), inbound=False)
        connection.socket, connection.address = own, sink.getsockname()
        track = ViewerTrack(connection, section, number, number)
        section.ssrc = 1000 + number
        track.choose_codec("VP8")
        track.start_at(1)
        fanout.add(track)
    return fanout, sink


def measure(viewers: int) -> Result:
    """Forward for some seconds as fast as it goes."""
    counters = Counters()
    fanout, sink = build_fanout(viewers, counters)
    sizes = [VIDEO_BYTES] * 12 + [AUDIO_BYTES] * 5
    sequence = 0
    limit_s, began_s = time.monotonic() + SECONDS, time.process_time()
    while time.monotonic() < limit_s:
        for size in sizes:
            sequence += 1
            fanout.send(StoredPacket(sequence, sequence * 3000, False, "VP8", bytes(size), False, 0.0))
    cpu_s = time.process_time() - began_s
    sink.close()
    packets = sequence * viewers
    return Result(viewers, packets, cpu_s / packets * 1e6, counters.totals["packets_out"] / packets)


def main() -> None:
    """Print a table for people, and JSON on request."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--viewers", type=int, nargs="*", default=[50, 150, 300])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    results = [measure(viewers) for viewers in arguments.viewers]
    print("viewers  packets   CPU per packet  sent   (limit: this process)")
    for one in results:
        print(f"{one.viewers:7} {one.packets:9} {one.cpu_us_per_packet:12.2f} us {one.sent_share:6.1%}")
    if arguments.json:
        print(json.dumps({"benchmark": "relay", "results": [vars(one) for one in results]}))


if __name__ == "__main__":
    main()
