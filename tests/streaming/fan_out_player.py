"""A receiver of a fan-out, with a socket and keys of its own, and no server."""

import os
import socket

from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.negotiation import AUDIO_LEVEL, MID, AgreedMedia
from streaming.rtp.dependency_descriptor import DEPENDENCY_DESCRIPTOR
from streaming.rtp.packet import RtpPacket, parse_rtp
from streaming.rtp.ring import StoredPacket
from streaming.sdp import Media
from streaming.transport.connection import Connection
from streaming.transport.media_udp import MediaSocket
from streaming.transport.srtp_native import PROFILES, Scratch, SrtpEnd
from streaming.viewer_track import ViewerTrack
from tests.streaming.transport_ends import idle_end


class NoLine:
    """A line of which nothing is kept."""

    highest = 0

    def stored(self, sequence: int) -> None:
        """Nothing is."""

    def stored_run(self, first: int, count: int) -> list[StoredPacket | None]:
        """Nothing is."""
        return [None] * count


class Player:
    """A receiver of one fan-out, with a socket and keys of its own."""

    def __init__(
        self,
        number: int,
        own: MediaSocket,
        counters: Counters,
        profile: int,
        mid: str,
        *,
        codec: str = "VP8",
        describes: bool = False,
        levels: bool = True,
        sequence: int | None = None,
        timestamp: int | None = None,
    ) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        key = os.urandom(PROFILES[profile].key_bytes + PROFILES[profile].salt_bytes)
        self._rx = SrtpEnd(PROFILES[profile], key, inbound=True)
        self._scratch = Scratch()
        connection = Connection(idle_end(), Scratch(), counters, 0.0)
        connection.tx = SrtpEnd(PROFILES[profile], key, inbound=False)
        connection.socket, connection.address = own, self.socket.getsockname()
        offer = Media("video", 9, "UDP/TLS/RTP/SAVPF", ["96"], mid=mid)
        extensions = {1: MID} | ({2: AUDIO_LEVEL} if levels else {})
        extensions |= {3: DEPENDENCY_DESCRIPTOR} if describes else {}
        section = AgreedMedia(offer, [Codec(96 + number % 4, codec, 90_000)], extensions, ())
        section.ssrc = 1000 + number
        numbers_from = number if sequence is None else sequence
        times_from = 7 * number if timestamp is None else timestamp
        self.track = ViewerTrack(connection, section, numbers_from, times_from)
        self.track.choose_codec(codec)
        self.track.start_at(1, NoLine())

    def received(self) -> list[RtpPacket]:
        """Open everything that has come; loopback delivers before `sendmmsg` returns."""
        packets: list[RtpPacket] = []
        while True:
            try:
                length = self.socket.recv_into(self._scratch.bytes)
            except BlockingIOError:
                return packets
            plain = self._rx.unprotect(self._scratch, length)
            assert plain, "a packet that does not open"
            packets.append(parse_rtp(self._scratch.view[:plain]))
