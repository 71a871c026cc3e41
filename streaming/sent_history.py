"""What one viewer was sent under which of its own numbers, without a note per packet.

A viewer is moved along a time line, one layer's packets, in stretches: within one its numbers are the line's
plus a shift, so that a number leads back to a packet of the shared ring, and to how it was written then.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Protocol, cast

from streaming.codecs import Codec
from streaming.rtp.picture_numbers import UNCHANGED, Numbers, renumbered
from streaming.rtp.ring import StoredPacket

MAX_STRETCHES = 32
FAR = 1 << 62
_WRAP = 0xFFFFFFFF
FAR_TICKS = 1 << 31


class Line(Protocol):
    """A time line a viewer is moved along: one layer's packets."""

    @property
    def highest(self) -> int:
        """The newest packet's number."""

    def stored(self, sequence: int) -> StoredPacket | None:
        """Return a packet that is still kept."""

    def stored_run(self, first: int, count: int) -> list[StoredPacket | None]:
        """Return `count` packets from `first` on; None for each that is not kept."""


@dataclass(slots=True)
class Replay:
    """A joiner catching up on the newest group of pictures.

    `cursor` is the show's next number to send; `timestamps` moves the old frames' times close to the newest
    one's, so that the player shows them at once instead of lagging by the group's length. From the number
    `end` on packets keep their times; it is far away until the replay is over.
    """

    cursor: int
    timestamps: dict[int, int]
    end: int = FAR
    newest: int | None = field(init=False)

    def __post_init__(self) -> None:
        """Note the time of the group's newest frame, which is its last."""
        self.newest = next(reversed(self.timestamps), None)

    def finish(self) -> None:
        """Note that what comes from here on is sent live, or not at all."""
        self.end = min(self.end, self.cursor)

    def time_of(self, timestamp: int) -> int:
        """Return the time of a frame; one that was missing at the beginning gets one between the others."""
        known = self.timestamps.get(timestamp)
        if known is not None:
            return known
        if self.newest is None or (timestamp - self.newest) & _WRAP < FAR_TICKS:
            return timestamp  # it came after the replay had begun
        older = [old for old in self.timestamps if (timestamp - old) & _WRAP < FAR_TICKS]
        newer = [new for new in self.timestamps if (new - timestamp) & _WRAP < FAR_TICKS]
        if not older or not newer:
            return timestamp
        before = self.timestamps[min(older, key=lambda old: (timestamp - old) & _WRAP)]
        after = self.timestamps[min(newer, key=lambda new: (new - timestamp) & _WRAP)]
        # Kept, for a repeat must be the same; and halved, for more frames may come between.
        found = self.timestamps[timestamp] = (before + ((after - before) & _WRAP) // 2) & _WRAP
        return found


@dataclass(slots=True)
class Stretch:
    """From this own sequence number on, the shifts lead back to a line; and how packets were written then.

    A plain repeat must be the packet that was sent, byte for byte: with another payload type or time it would
    be a second one under the same nonce of AES-GCM. `source_codec` is the key of the publisher's codec,
    `codec` what the viewer got it as. From `end_own` on nothing was sent; None: it is the present stretch.
    """

    first_own: int
    line: Line
    sequence_shift: int
    timestamp_shift: int
    source_codec: str | None
    codec: Codec | None
    picture_shift: Numbers
    replay: Replay | None = None
    end_own: int | None = None
    # Up to this number of the line packets went out one by one, without transport-wide numbers.
    numbered_from: int = 0

    @property
    def first_numbered(self) -> int:
        """The line's number of the first packet that had a transport-wide one."""
        return self.numbered_from if self.replay is None else max(self.numbered_from, self.replay.end)


@dataclass(slots=True, frozen=True)
class SentBefore:
    """What a viewer was sent under a number of its own, and how it was written then."""

    packet: StoredPacket
    stretch: Stretch

    @property
    def was_numbered(self) -> bool:
        """Whether it had a transport-wide number: what a replay sends has none, nor what goes one by one."""
        return self.packet.sequence >= self.stretch.first_numbered

    @property
    def timestamp(self) -> int:
        """The time it had."""
        return time_of(self.packet, self.stretch.timestamp_shift, self.stretch.replay)

    @property
    def payload(self) -> bytes:
        """The payload it had."""
        return payload_of(self.packet, self.stretch.picture_shift)


class SentHistory:
    """One viewer's stretches. Own sequence numbers are extended ones."""

    __slots__ = ("_stretches",)

    def __init__(self) -> None:
        self._stretches: deque[Stretch] = deque(maxlen=MAX_STRETCHES)

    @property
    def present(self) -> Stretch | None:
        """The stretch that goes on; None before the first, and after the end of each."""
        newest = self._stretches[-1] if self._stretches else None
        return None if newest is None or newest.end_own is not None else newest

    def begin(self, stretch: Stretch) -> None:
        """Go on with this one."""
        self._stretches.append(stretch)

    def replayed(self, replay: Replay) -> None:
        """Note that the newest stretch begins with a replay."""
        self._stretches[-1].replay = replay

    def number_from(self, sequence: int) -> None:
        """Note that what was sent before the line's `sequence` had no transport-wide numbers."""
        self._stretches[-1].numbered_from = sequence

    def find(self, own: int) -> SentBefore | None:
        """Return what was sent under an own number, or None if nothing was or it is no longer kept."""
        for stretch in reversed(self._stretches):
            if own >= stretch.first_own:
                if stretch.end_own is not None and own >= stretch.end_own:
                    return None
                packet = stretch.line.stored(own - stretch.sequence_shift)
                return None if packet is None else SentBefore(packet, stretch)
        return None

    def find_run(self, first: int, count: int) -> list[StoredPacket | None] | None:
        """Return what was sent under `count` own numbers from `first` on.

        None when not all came from where the newest do; `find` knows those, too.
        """
        newest = self._newest_if_all_of(first, first + count - 1)
        return None if newest is None else newest.line.stored_run(first - newest.sequence_shift, count)

    def find_each(self, *own: int) -> list[StoredPacket] | None:
        """Return what was sent under these own numbers, the lowest first; None as for `find_run`."""
        newest = self._newest_if_all_of(own[0], own[-1])
        if newest is None:
            return None
        found = [newest.line.stored(one - newest.sequence_shift) for one in own]
        return None if None in found else cast("list[StoredPacket]", found)

    def _newest_if_all_of(self, first: int, last: int) -> Stretch | None:
        """Return the newest stretch if all of this was sent in it, under transport-wide numbers."""
        newest = self._stretches[-1] if self._stretches else None
        if newest is None or first < newest.first_own:
            return None
        if newest.end_own is not None and last >= newest.end_own:
            return None
        return newest if first - newest.sequence_shift >= newest.first_numbered else None


def payload_of(packet: StoredPacket, shift: Numbers) -> bytes:
    """Return the payload a viewer gets whose numbers of pictures are moved so."""
    if packet.places is None or shift == UNCHANGED:
        return packet.payload
    return renumbered(packet.payload, packet.places, shift)


def time_of(packet: StoredPacket, shift: int, replay: Replay | None) -> int:
    """Return the time a viewer gets a packet with."""
    timestamp = packet.timestamp
    if replay is not None and packet.sequence < replay.end:
        timestamp = replay.time_of(timestamp)
    return (timestamp + shift) & 0xFFFFFFFF
