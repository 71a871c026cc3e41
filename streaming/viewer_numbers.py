"""Transport-wide numbers of one viewer, kept without a note per packet.

A packet of the fan-out has the viewer's own sequence number plus a shift that is the count of extras before
it. Extras are what is sent beside the stream to be measured: the packets of a probe. So a number leads back
to a packet in the ring, which knows its size and when it left.
"""

from bisect import bisect_left

from streaming.bandwidth.delay_trend import Reported
from streaming.bandwidth.feedback import Arrival, FeedbackReader
from streaming.viewer_track import ViewerTrack

KEPT_EXTRAS = 512
# Header, extensions and tag, about; UDP and IP are not counted, as in libwebrtc.
OVERHEAD_BYTES = 40


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

    def read(self, body: bytes) -> list[Reported]:
        """Read a feedback: (sent in s, bytes, arrival in s or None). Raises `MalformedPacketError`.

        Numbers under which nothing measurable was sent (a replay, a packet long gone) are left out.
        """
        track = self._track
        news = self._reader.read(body, track.newest_own + track.number_shift)
        if not news:
            return []
        first = news[0][0]
        in_a_row = news[-1][0] - first + 1 == len(news)
        if in_a_row and (not self._order or self._order[-1] < first):
            packets = track.sent_run(first - track.number_shift, len(news))
            if packets is not None:
                return [
                    (packet.sent_s, len(packet.payload) + OVERHEAD_BYTES, arrival_s)
                    for packet, (_, arrival_s) in zip(packets, news, strict=True)
                    if packet is not None and packet.sent_s
                ]
        return self._one_by_one(news)

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
            sent = track.sent_as(number - before)
            if sent is not None and sent.packet.sent_s:
                size = len(sent.packet.payload) + OVERHEAD_BYTES
                found.append((sent.packet.sent_s, size, arrival_s))
        return found
