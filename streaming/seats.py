"""One viewer's place in a show's picture: the layer it gets, what it reports, the probes it is sent.

Players report arrivals up to 20 times a second; the reports wait for the decision that they are for, for to
read several together costs half of what each by itself does (docs/decisions/0032). A probe repeats the newest
packets as RTX, which the player knows already, in slices of 20 ms.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from streaming.bandwidth.probe import ProbePlan
from streaming.bandwidth.viewer_bandwidth import Feedback, ViewerBandwidth
from streaming.counters import Counters
from streaming.rtp.packet import MalformedPacketError
from streaming.rtp.ring import StoredPacket
from streaming.stream import Stream
from streaming.viewer_numbers import OVERHEAD_BYTES, TransportNumbers
from streaming.viewer_track import ViewerTrack

PROBE_SLICE_S = 0.02
MAX_PROBE_PACKETS_A_SLICE = 32
MAX_FEEDBACKS_WAITING = 16


@dataclass(slots=True)
class _Probe:
    """What is left of a burst."""

    left_bytes: int
    slice_bytes: int


@dataclass(slots=True)
class Seat:
    """`at` is the layer the viewer gets (None: none until `going`'s key frame); times are monotonic seconds.

    `feedbacks` are the reports not read yet: when each came, and its body.
    """

    track: ViewerTrack
    at: Stream | None
    going: Stream | None = None
    asked_again: bool = False
    decide_due_s: float = 0.0
    feedbacks: list[tuple[float, bytes]] = field(default_factory=list)
    _probe: _Probe | None = None
    _bandwidth: ViewerBandwidth | None = None
    _numbers: TransportNumbers | None = None

    @property
    def bandwidth(self) -> ViewerBandwidth:
        """What the viewer's line carries; made (10 kB) when first there is something to choose."""
        if self._bandwidth is None:
            self._bandwidth = ViewerBandwidth()
        return self._bandwidth

    @property
    def numbers(self) -> TransportNumbers:
        """The numbers its packets carry."""
        if self._numbers is None:
            self._numbers = TransportNumbers(self.track)
        return self._numbers

    def keep_feedback(self, body: bytes, now_s: float, counters: Counters) -> None:
        """Keep a transport-wide feedback until it is read; more than anybody sends is dropped."""
        if len(self.feedbacks) >= MAX_FEEDBACKS_WAITING:
            counters.drops["too_much_feedback"] += 1
        else:
            self.feedbacks.append((now_s, body))

    def read_feedbacks(self, counters: Counters) -> None:
        """Read what waits; what cannot be read is counted."""
        feedbacks, self.feedbacks = self.feedbacks, []
        if not feedbacks:
            return
        numbers, bandwidth = self.numbers, self.bandwidth
        is_calm, read = bandwidth.is_calm(feedbacks[-1][0]), list[Feedback]()
        for came_s, body in feedbacks:
            try:
                read.append((came_s, *numbers.read(body, ends_only=is_calm)))
            except MalformedPacketError:
                counters.drops["malformed_rtcp"] += 1
        if read:
            bandwidth.on_feedbacks(read)

    def end_numbers(self) -> None:
        """Note that packets carry no numbers from now on: what was said of those is over."""
        self.feedbacks.clear()
        self._probe = None
        if self._bandwidth is not None:
            self._bandwidth.end_feedback()

    def begin_probe(self, plan: ProbePlan) -> None:
        """Send this burst from the next slice on, unless another is on its way."""
        if self._probe is None:
            slices = max(1, round(plan.duration_s / PROBE_SLICE_S))
            self._probe = _Probe(plan.size_bytes, -(-plan.size_bytes // slices))

    def send_probe_slice(self, now_s: float) -> None:
        """Send what is due of a burst, under numbers of its own."""
        probe, track, stream = self._probe, self.track, self.at
        if probe is None:
            return
        codec = None if track.held else track.codec  # a held one's next numbers are still to be used
        if stream is None or not track.live or codec is None or codec.retransmission is None:
            self._probe = None
            return
        stream.fanout.flush()
        left = min(probe.slice_bytes, probe.left_bytes)
        for packet in _newest_packets(stream, track.start):
            if left <= 0:
                break
            size = len(packet.payload) + OVERHEAD_BYTES
            if track.probe_with(packet, self.numbers.take(now_s, size)):
                left -= size
                probe.left_bytes -= size
        stream.fanout.renumber(track)
        if probe.left_bytes <= 0 or left > 0:
            self._probe = None


def _newest_packets(stream: Stream, start: int) -> Iterator[StoredPacket]:
    """Go back to `start`: before it the viewer had other numbers, or was sent nothing."""
    oldest = max(start, stream.highest - MAX_PROBE_PACKETS_A_SLICE + 1)
    for sequence in range(stream.highest, oldest - 1, -1):
        packet = stream.stored(sequence)
        if packet is not None:
            yield packet
