"""Transport-wide numbers of one viewer, kept without a note per packet.

A packet of the fan-out has the viewer's own sequence number plus a shift that is the count of extras before
it. Extras are what is sent beside the stream to be measured: the packets of a probe. So a number leads back
to a packet in the ring, which knows its size and when it left.
"""

from bisect import bisect_left
from itertools import count
from operator import attrgetter
from typing import NamedTuple

from streaming.bandwidth.delay_trend import Arrived, Reported
from streaming.bandwidth.feedback import Arrival, FeedbackReader, Row
from streaming.rtp.ring import StoredPacket
from streaming.viewer_track import ViewerTrack

KEPT_EXTRAS = 512
# Header, extensions and tag, about; UDP and IP are not counted, as in libwebrtc.
OVERHEAD_BYTES = 40
_PAYLOAD = attrgetter("payload")


class Glance(NamedTuple):
    """A feedback of packets that came, but for a few, by its first and its last one.

    The last stands for the bytes of all others since what was reported on before. Between the two `unlisted`
    packets were sent, of which so many were `lost`.
    """

    row: Row
    first: Arrived
    last: Arrived
    unlisted: int
    lost: int


class TransportNumbers:
    """The numbers given to one viewer's picture, and what became of them."""

    __slots__ = ("_extras", "_order", "_reader", "_track")

    def __init__(self, track: ViewerTrack) -> None:
        self._track = track
        self._reader = FeedbackReader()
        self._extras: dict[int, tuple[float, int]] = {}
        self._order: list[int] = []

    def take(self, sent_s: float, size_bytes: int) -> int:
        """Give an extra the number after everything sent so far."""
        track = self._track
        number = track.newest_own + track.number_shift + 1
        track.number_shift += 1
        self._extras[number] = (sent_s, size_bytes)
        self._order.append(number)
        if len(self._order) > KEPT_EXTRAS:
            del self._extras[self._order.pop(0)]
        return number

    def read(self, body: bytes, *, ends_only: bool = False) -> tuple[list[Reported], int]:
        """Read a feedback: (sent in s, bytes, arrival in s or None) of packets, and how many came unlisted.

        With `ends_only` a row of packets that all came is told by its first and its last, which stands for
        the bytes of the others, too. Numbers under which nothing measurable was sent (a replay, a packet long
        gone) are left out. Raises `MalformedPacketError`.
        """
        track, reader = self._track, self._reader
        first, times, are_new = reader.read_run(body, track.newest_own + track.number_shift)
        if not are_new:
            return self._one_by_one(reader.news), 0
        packets = None
        if not self._order or self._order[-1] < first:
            packets = track.history.find_run(first - track.number_shift, len(times))
        if packets is None:
            return self._one_by_one(list(zip(count(first), times, strict=False))), 0
        if ends_only and len(times) > 2 and None not in times and None not in packets:
            return _ends(packets, times)
        return [
            (packet.sent_s, len(packet.payload) + OVERHEAD_BYTES, arrival_s)
            for packet, arrival_s in zip(packets, times, strict=True)
            if packet is not None and packet.sent_s
        ], 0

    def glance(self, body: bytes) -> Glance | None:
        """Look at a feedback that may stand for all since the last one read; None where it cannot.

        It can where what it lists came, but for a few, and everything since then went out in one row.
        """
        track, reader = self._track, self._reader
        row = reader.glance(body, track.newest_own + track.number_shift)
        if row is None or (self._order and self._order[-1] >= row.since):
            return None
        shift = track.number_shift
        packets = track.history.find_each(row.since - shift, row.first - shift, row.last - shift)
        if packets is None or not all(packet.octets and packet.sent_s for packet in packets):
            return None
        since, first, last = packets
        sizes = last.octets - since.octets + len(since.payload) + (row.last - row.since + 1) * OVERHEAD_BYTES
        unlisted, lost = row.last - row.first - 1, 0
        if row.lost:
            # A number that was never sent (what the host lost) is told as lost as well.
            missing = self._one_by_one([(number, None) for number in row.lost])
            lost, never_sent = len(missing), len(row.lost) - len(missing)
            sizes -= sum(size for _, size, _ in missing) + never_sent * OVERHEAD_BYTES
            unlisted -= never_sent
        before = len(first.payload) + OVERHEAD_BYTES
        ends = (first.sent_s, before, row.first_s), (last.sent_s, sizes - before, row.last_s)
        return Glance(row, *ends, unlisted, lost)

    def pass_over(self, glance: Glance) -> None:
        """Count this feedback as read, and what came before it and was not looked at."""
        self._reader.pass_over(glance.row)

    def _one_by_one(self, news: list[Arrival]) -> list[Reported]:
        """Find what was sent where extras lie between, or a change of layer."""
        track = self._track
        found: list[Reported] = []
        for number, arrival_s in news:
            extra = self._extras.get(number)
            if extra is not None:
                found.append((*extra, arrival_s))
                continue
            before = track.number_shift - len(self._order) + bisect_left(self._order, number)
            sent = track.history.find(number - before)
            if sent is not None and sent.packet.sent_s and sent.was_numbered:
                size = len(sent.packet.payload) + OVERHEAD_BYTES
                found.append((sent.packet.sent_s, size, arrival_s))
        return found


def _ends(packets: list[StoredPacket | None], times: list[float | None]) -> tuple[list[Reported], int]:
    """Tell a row by its first packet and its last."""
    first, last = packets[0], packets[-1]
    assert first is not None
    assert last is not None
    size = sum(map(len, map(_PAYLOAD, packets)))
    before = len(first.payload) + OVERHEAD_BYTES
    ends: list[Reported] = [
        (first.sent_s, before, times[0]),
        (last.sent_s, size + len(packets) * OVERHEAD_BYTES - before, times[-1]),
    ]
    measurable = first.sent_s and last.sent_s
    return (ends, len(packets) - 2) if measurable else ([], 0)
