"""Which layer of a picture the show's taps get: the best that flows, each from a key frame on."""

from collections.abc import Sequence

from streaming.rtp.ring import StoredPacket
from streaming.stream import Stream
from streaming.tap import Tap


class TappedLayer:
    """The layer that taps get now. They stay with it while it flows, until the better one's key frame."""

    def __init__(self, first: Stream) -> None:
        self.stream = first
        self._going: Stream | None = None
        self._taps: list[Tap] = []

    def set_taps(self, taps: list[Tap]) -> None:
        """Hand packets to these from now on; the list is the show's and may change."""
        self._taps = self.stream.taps = taps

    def follow(self, flowing: Sequence[Stream]) -> None:
        """Take the layers that flow now, the best one last; ask for the key frame that one begins with."""
        best = flowing[-1]
        self._going = None
        if best is self.stream:
            return
        if self._taps and self.stream in flowing:
            self._going = best
        else:
            self._move(best, best.highest + 1)
        if self._taps:
            best.viewer_wants_key_frame()

    def take_key_frame(self, stream: Stream, first: StoredPacket) -> None:
        """Come over with a key frame that begins with this packet, if it is the one waited for."""
        if stream is self._going:
            self._going = None
            self._move(stream, first.sequence)
            for tap in self._taps:
                tap.packet(stream.kind, first)

    def _move(self, stream: Stream, first: int) -> None:
        self.stream.taps = []
        self.stream = stream
        stream.taps = self._taps
        for tap in self._taps:
            tap.restart(stream.kind, first)
