"""One viewer's place in a show's picture: the layer it gets, what it reports, the probes it is sent.

Players report arrivals up to 20 times a second; the reports wait for the decision that they are for, still
protected, for most of them need not be opened at all (docs/decisions/0032). A probe repeats the newest
packets as RTX, which the player knows already, in slices of 20 ms.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from streaming.bandwidth.probe import ProbePlan
from streaming.bandwidth.viewer_bandwidth import Feedback, ViewerBandwidth
from streaming.counters import Counters
from streaming.rtp.packet import MalformedPacketError
from streaming.rtp.ring import StoredPacket
from streaming.rtp.rtcp import lone_feedback
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


class Kept(NamedTuple):
    """A feedback not read yet: when it came, and its body, or the datagram as it came (`is_sealed`)."""

    came_s: float
    data: bytes
    is_sealed: bool


@dataclass(slots=True)
class Seat:
    """`at` is the layer the viewer gets (None: none until `going`'s key frame); times are monotonic seconds.

    `wants_feedback`: its packets carry transport-wide numbers.
    """

    track: ViewerTrack
    at: Stream | None
    going: Stream | None = None
    asked_again: bool = False
    decide_due_s: float = 0.0
    wants_feedback: bool = False
    feedbacks: list[Kept] = field(default_factory=list)
    probe: _Probe | None = None
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
            self.feedbacks.append(Kept(now_s, body, is_sealed=False))

    def keep_sealed(self, datagram: bytes, now_s: float) -> bool:
        """Keep a datagram that begins with feedback as it came; False when it had better be opened now.

        Anybody may have sent it: a flood must not take the place of what is genuine.
        """
        if not self.wants_feedback or len(self.feedbacks) >= MAX_FEEDBACKS_WAITING:
            return False
        self.feedbacks.append(Kept(now_s, datagram, is_sealed=True))
        return True

    def read_feedbacks(self, counters: Counters) -> None:
        """Read what waits; while nothing is the matter the newest tells enough."""
        kept, self.feedbacks = self.feedbacks, []
        if not kept:
            return
        numbers, bandwidth = self.numbers, self.bandwidth
        is_calm, newest = bandwidth.is_calm(kept[-1].came_s), kept.pop()
        last = self._body(newest)
        if is_calm and last is not None:
            glance = numbers.glance(last)
            if glance is not None and bandwidth.is_enough(glance.first, glance.last):
                numbers.pass_over(glance, len(kept))
                counters.totals["feedbacks_passed_over"] += len(kept)
                bandwidth.on_row(newest.came_s, glance.first, glance.last, glance.unlisted)
                return
        read = list[Feedback]()
        bodies = [(one.came_s, self._body(one)) for one in kept]
        for came_s, body in [*bodies, (newest.came_s, last)]:
            if body is None:
                continue
            try:
                read.append((came_s, *numbers.read(body, ends_only=is_calm)))
            except MalformedPacketError:
                counters.drops["malformed_rtcp"] += 1
        if read:
            bandwidth.on_feedbacks(read)

    def _body(self, kept: Kept) -> bytes | None:
        """Return a feedback's body; None where what came is not genuine."""
        if not kept.is_sealed:
            return kept.data
        return lone_feedback(self.track.connection.open_rtcp(kept.data, kept.came_s))

    def end_numbers(self) -> None:
        """Note that packets carry no numbers from now on: what was said of those is over."""
        self.feedbacks.clear()
        self.probe = None
        if self._bandwidth is not None:
            self._bandwidth.end_feedback()

    def begin_probe(self, plan: ProbePlan) -> None:
        """Send this burst from the next slice on, unless another is on its way."""
        if self.probe is None:
            slices = max(1, round(plan.duration_s / PROBE_SLICE_S))
            self.probe = _Probe(plan.size_bytes, -(-plan.size_bytes // slices))

    def send_probe_slice(self, now_s: float) -> None:
        """Send what is due of a burst, under numbers of its own."""
        probe, track, stream = self.probe, self.track, self.at
        if probe is None:
            return
        codec = None if track.held else track.codec  # a held one's next numbers are still to be used
        if stream is None or not track.live or codec is None or codec.retransmission is None:
            self.probe = None
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
            self.probe = None


def _newest_packets(stream: Stream, start: int) -> Iterator[StoredPacket]:
    """Go back to `start`: before it the viewer had other numbers, or was sent nothing."""
    oldest = max(start, stream.highest - MAX_PROBE_PACKETS_A_SLICE + 1)
    for sequence in range(stream.highest, oldest - 1, -1):
        packet = stream.stored(sequence)
        if packet is not None:
            yield packet
