"""Streams of which packets were dropped here, for they came too late, until their next key frame. Pure."""

from streaming.codecs import Codec
from streaming.rtp.keyframes import STARTS_KEY_FRAME
from streaming.rtp.packet import RtpPacket
from streaming.source import Source


class LeftOut:
    """Those of one picture."""

    def __init__(self) -> None:
        # Number of the newest packet left out, and the RTP time of the newest that would start a key frame.
        self._newest: dict[Source, tuple[int, int | None]] = {}

    def __contains__(self, source: Source) -> bool:
        return source in self._newest

    def __len__(self) -> int:
        return len(self._newest)

    def note(self, source: Source, extended: int, packet: RtpPacket, codec: Codec) -> bool:
        """Note that a packet was dropped; whether it is newer than all noted before it."""
        self.supersede(source)
        highest, key_timestamp = self._newest.get(source, (-1, None))
        if STARTS_KEY_FRAME[codec.name](packet.payload):
            key_timestamp = packet.timestamp
        self._newest[source] = max(highest, extended), key_timestamp
        return extended > highest

    def supersede(self, source: Source) -> None:
        """Note that this is its layer's stream now: a former one (another SSRC) will send no key frame."""
        for former in [one for one in self._newest if one.layer == source.layer and one is not source]:
            del self._newest[former]

    def ends_with(self, source: Source, extended: int, packet: RtpPacket, codec: Codec) -> bool:
        """Whether the stream goes on with this packet: a newer key frame's first, and no repeat from before.

        What is left of a key frame whose beginning was dropped, or comes late, is none: nobody could ask for
        the rest of it. A delimiter that was dropped from before it (H264) is not missed.
        """
        highest, key_timestamp = self._newest[source]
        if extended <= highest or packet.timestamp == key_timestamp:
            return False
        if not STARTS_KEY_FRAME[codec.name](packet.payload):
            return False
        del self._newest[source]
        return True

    def waiting_in(self, layer: int) -> Source | None:
        """Return the stream of a layer that waits for a key frame; None when none does."""
        return next((source for source in self._newest if source.layer == layer), None)

    def forget(self, source: Source) -> None:
        """Note that a stream begins with other numbers."""
        self._newest.pop(source, None)

    def clear(self) -> None:
        """Note that the publisher is gone."""
        self._newest.clear()
