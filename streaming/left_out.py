"""Streams of which packets were dropped here, for they came too late, until their next key frame. Pure."""

from streaming.codecs import Codec
from streaming.rtp.keyframes import STARTS_KEY_FRAME
from streaming.rtp.packet import RtpPacket
from streaming.source import Source


class LeftOut:
    """Those of one picture."""

    def __init__(self) -> None:
        # Number and RTP time of the newest packet left out.
        self._newest: dict[Source, tuple[int, int]] = {}

    def __contains__(self, source: Source) -> bool:
        return source in self._newest

    def note(self, source: Source, extended: int, timestamp: int) -> None:
        """Note that a packet was dropped."""
        newest = self._newest.get(source)
        if newest is None or extended > newest[0]:
            self._newest[source] = extended, timestamp

    def ends_with(self, source: Source, extended: int, packet: RtpPacket, codec: Codec) -> bool:
        """Whether the stream goes on with this packet: a newer key frame's first, and no repeat from before.

        What is left of a key frame whose beginning was dropped, or comes late, is none: nobody could ask for
        the rest of it.
        """
        highest, timestamp = self._newest[source]
        if extended <= highest or packet.timestamp == timestamp:
            return False
        if not STARTS_KEY_FRAME[codec.name](packet.payload):
            return False
        del self._newest[source]
        return True

    def forget(self, source: Source) -> None:
        """Note that a stream begins with other numbers."""
        self._newest.pop(source, None)

    def clear(self) -> None:
        """Note that the publisher is gone."""
        self._newest.clear()
