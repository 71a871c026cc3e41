"""A link to one viewer in simulated time, and what goes over it.

The link is `tests.lossy_link.LinkModel`, the viewer's feedback is made by the relay's own builder for
publishers (`ArrivalLog`) and read by the code under test, so bytes, wraps and clocks are the real ones.
Times are simulated seconds; an hour of them costs seconds.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from streaming.bandwidth.delay_trend import Reported
from streaming.bandwidth.feedback import FeedbackReader
from streaming.rtp.rtcp import TransportFeedback, parse_rtcp
from streaming.rtp.transport_feedback import ArrivalLog
from tests.lossy_link import LinkConditions, LinkModel

PACKET_BYTES = 1200


class Clock:
    """Events in order of time."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._ties = count()

    def at(self, time_s: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (max(time_s, self.now_s), next(self._ties), event))

    def every(self, interval_s: float, event: Callable[[], None], first_s: float = 0.0) -> None:
        def again() -> None:
            event()
            self.at(self.now_s + interval_s, again)

        self.at(first_s, again)

    def run(self, until_s: float) -> None:
        while self._events and self._events[0][0] <= until_s:
            self.now_s, _, event = heapq.heappop(self._events)
            event()
        self.now_s = until_s


@dataclass(slots=True)
class Arrived:
    """One packet of ours at the viewer; `queued_s` is what it waited at the bottleneck."""

    at_s: float
    size_bytes: int
    queued_s: float


@dataclass
class SimulatedLink:
    """The way down with its queue, the viewer's feedback, and the way back.

    `drift` makes the viewer's clock run fast by that share; `feedback_cut` swallows feedback.
    """

    clock: Clock
    conditions: LinkConditions
    on_feedback: Callable[[float, list[Reported]], None]
    seed: int = 1
    back_s: float = 0.020
    interval_s: float = 0.050
    drift: float = 0.0
    feedback_cut: bool = False
    arrived: list[Arrived] = field(default_factory=list)
    sent: dict[int, tuple[float, int]] = field(default_factory=dict)
    feedback_bytes: int = 0

    def __post_init__(self) -> None:
        self._model = LinkModel(self.conditions, f"{self.seed}/down")
        self._reader = FeedbackReader()
        self._log = ArrivalLog()
        self._next = 65_000  # the numbers wrap soon
        self.newest_sent_s = 0.0
        self.clock.every(self.interval_s, self._report, self.interval_s)

    def change(self, conditions: LinkConditions) -> None:
        self._model.conditions = self.conditions = conditions

    def send(self, size_bytes: int, arrived: Callable[[], None] | None = None) -> None:
        sequence, self._next = self._next, self._next + 1
        now_s = self.newest_sent_s = self.clock.now_s
        self.sent[sequence] = (now_s, size_bytes)
        self.sent.pop(sequence - 20_000, None)
        arrival_s = self._model.offer(now_s, size_bytes)
        if arrival_s is None:
            return

        def deliver() -> None:
            self._log.arrived(sequence & 0xFFFF, 1000 + self.clock.now_s * (1 + self.drift))
            waited_s = self.clock.now_s - now_s - self.conditions.delay_s
            self.arrived.append(Arrived(self.clock.now_s, size_bytes, waited_s))
            if arrived is not None:
                arrived()

        self.clock.at(arrival_s, deliver)

    def cross_traffic(self, bits_per_s: float, begin_s: float, end_s: float) -> None:
        """Others take their turn at the bottleneck and do not give way."""

        def send() -> None:
            if self.clock.now_s < end_s:
                self._model.offer(self.clock.now_s, PACKET_BYTES)

        self.clock.every(PACKET_BYTES * 8 / bits_per_s, send, begin_s)

    def _report(self) -> None:
        data = self._log.take_feedback(1, 2)
        if data is None or self.feedback_cut:
            return
        self.feedback_bytes += len(data)
        self.clock.at(self.clock.now_s + self.back_s, lambda: self._reported(data))

    def _reported(self, data: bytes) -> None:
        [item] = parse_rtcp(data)
        assert isinstance(item, TransportFeedback)
        news = self._reader.read(item.body, self._next - 1)
        self.on_feedback(self.clock.now_s, [(*self.sent[n], arrival_s) for n, arrival_s in news])

    def rate(self, begin_s: float, end_s: float) -> float:
        """Bits/s that arrived."""
        return sum(a.size_bytes for a in self.arrived if begin_s <= a.at_s < end_s) * 8 / (end_s - begin_s)

    def queue_s(self, share: float, begin_s: float, end_s: float) -> float:
        """Quantile of the wait at the bottleneck."""
        waits = sorted(a.queued_s for a in self.arrived if begin_s <= a.at_s < end_s)
        return waits[min(len(waits) - 1, int(share * len(waits)))]


def split(size_bytes: float) -> Iterator[int]:
    """Cut a frame into packets."""
    left = round(size_bytes)
    while left > 0:
        yield min(left, PACKET_BYTES)
        left -= PACKET_BYTES
