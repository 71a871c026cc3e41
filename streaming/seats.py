"""One viewer's place in a show's picture: the layer it gets, what it reports, the probes it is sent.

Players report arrivals up to 20 times a second; the reports wait for the decision that they are for, still
protected, for most of them need not be opened at all (docs/decisions/0033). A probe repeats the newest
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
from streaming.viewer_numbers import OVERHEAD_BYTES, Glance, TransportNumbers
from streaming.viewer_track import ViewerTrack

PROBE_SLICE_S = 0.02
MAX_PROBE_PACKETS_A_SLICE = 32
MAX_FEEDBACKS_WAITING = 32
# So many wait on at most, and so long, while nobody needs to know what they say.
MAX_LEFT, LEFT_S = 9, 0.5


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
    _left: int = 0
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
        """Keep a datagram that is one feedback as it came; False when it had better be opened now.

        Anybody may have sent it. Where more waits than anybody sends, what is genuine stays.
        """
        if not self.wants_feedback:
            return False
        if len(self.feedbacks) >= MAX_FEEDBACKS_WAITING:
            self.feedbacks = [one for one in map(self._opened, self.feedbacks) if one is not None]
            self._left = 0
            if len(self.feedbacks) >= MAX_FEEDBACKS_WAITING:
                return False
        self.feedbacks.append(Kept(now_s, datagram, is_sealed=True))
        return True

    def read_feedbacks(self, counters: Counters) -> bool:
        """Read what waits; False when it would change nothing, and waits on.

        While nothing is the matter the newest feedback tells enough. And whoever has all it can get needs no
        decision then: everything is kept for half a second, to be read in full if something is the matter.
        """
        if not self.feedbacks:
            return True
        left, is_new = self._left, len(self.feedbacks) != self._left
        kept, self.feedbacks, self._left = self.feedbacks, [], 0
        newest = self._opened(kept.pop())
        glance = None if newest is None else self._glance(newest)
        if newest is None or glance is None:
            opened = [*map(self._opened, kept), newest]
            # Apart, for of what is read together the least wait counts.
            self._read_all(opened[:left], counters)
            self._read_all(opened[left:], counters)
            return True
        since_s = kept[0].came_s if kept else newest.came_s
        may_wait = is_new and len(kept) < MAX_LEFT and newest.came_s - since_s < LEFT_S
        if self.bandwidth.is_content and may_wait:
            self.feedbacks = [*kept, newest]
            self._left = len(self.feedbacks)
            return False
        self.numbers.pass_over(glance)
        counters.totals["feedbacks_passed_over"] += len(kept)
        self.bandwidth.on_row(newest.came_s, glance.first, glance.last, glance.unlisted, glance.lost)
        return True

    def _glance(self, newest: Kept) -> Glance | None:
        """Look at the newest feedback; None when it does not tell enough."""
        if not self.bandwidth.is_calm(newest.came_s):
            return None
        glance = self.numbers.glance(newest.data)
        return glance if glance is not None and self.bandwidth.is_enough(glance.first, glance.last) else None

    def _read_all(self, feedbacks: list[Kept | None], counters: Counters) -> None:
        """Read one after the other; those that cannot be read are counted."""
        genuine = [one for one in feedbacks if one is not None]
        if not genuine:
            return
        is_calm, read = self.bandwidth.is_calm(genuine[-1].came_s), list[Feedback]()
        for one in genuine:
            try:
                read.append((one.came_s, *self.numbers.read(one.data, ends_only=is_calm)))
            except MalformedPacketError:
                counters.drops["malformed_rtcp"] += 1
        if read:
            self.bandwidth.on_feedbacks(read)

    def _opened(self, kept: Kept) -> Kept | None:
        """Return a feedback to be read; None where what came is not genuine."""
        if not kept.is_sealed:
            return kept
        body = lone_feedback(self.track.connection.open_rtcp(kept.data, kept.came_s))
        return None if body is None else Kept(kept.came_s, body, is_sealed=False)

    def end_numbers(self) -> None:
        """Note that packets carry no numbers from now on: what was said of those is over."""
        self.feedbacks.clear()
        self._left = 0
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
