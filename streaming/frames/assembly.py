"""Both streams of a show, from packets to frames: what a tap's thread works through, without the thread."""

from collections.abc import Callable
from dataclasses import dataclass

from streaming.frames.capture_clock import CaptureClock, Meeting
from streaming.frames.frame import MediaFrame
from streaming.frames.reassembler import Reassembler
from streaming.rtp.ring import StoredPacket


@dataclass(slots=True)
class Arrived:
    """A packet of this kind came. Not frozen: the media loop makes one a packet, in 0.9 us instead of 4."""

    kind: str
    packet: StoredPacket


@dataclass(slots=True, frozen=True)
class Restarted:
    """Another source of this kind begins with the sequence number `first`."""

    kind: str
    first: int
    meeting: Meeting | None


Item = Arrived | Restarted | Meeting


class FrameAssembly:
    """Takes what happened, in order; gives the frames of both kinds, each in order."""

    def __init__(self, count: Callable[[str], None]) -> None:
        self._clock = CaptureClock()
        self._streams = {kind: Reassembler(kind, line, count) for kind, line in self._clock.lines.items()}

    def take(self, item: Item) -> list[MediaFrame]:
        """Take one item; return the frames it completes."""
        if isinstance(item, Arrived):
            return self._streams[item.kind].put(item.packet)
        if isinstance(item, Meeting):
            self._clock.note(item)
            return []
        frames = self._streams[item.kind].restart(item.first)
        if item.meeting is not None:
            self._clock.note(item.meeting)
        return frames

    def expire(self, now_s: float) -> list[MediaFrame]:
        """Give up what has been missing for too long; return the frames behind it."""
        return [frame for stream in self._streams.values() for frame in stream.expire(now_s)]

    def finish(self) -> list[MediaFrame]:
        """Return what is left at the end."""
        return [frame for stream in self._streams.values() for frame in stream.finish()]
