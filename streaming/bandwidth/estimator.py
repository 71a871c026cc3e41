"""How much one viewer can be sent: the send-side estimate.

DESIGN_COMMENT
"""

from collections.abc import Sequence

from streaming.bandwidth.acknowledged import AcknowledgedRate
from streaming.bandwidth.delay_trend import DelayTrend, Reported, Usage
from streaming.bandwidth.loss_control import LossControl
from streaming.bandwidth.probe import ProbePlan, ProbePolicy, Prober
from streaming.bandwidth.queue_delay import QueueDelay
from streaming.bandwidth.rate_control import RateControl

START_BITS_PER_S = 600_000.0
SILENCE_S = 1.0
SILENCE_FACTOR = 0.7
SILENCE_STEP_S = 0.5
CONGESTED_S = 1.0


class Estimator:
    """One viewer's estimate. All times are seconds of the same monotonic clock, except arrivals."""

    __slots__ = (
        "_acknowledged", "_answered_s", "_congested_s", "_loss", "_prober", "_queue", "_rate",
        "_reported_s", "_sent", "_silent_s", "_trend", "_unanswered_s",
    )  # fmt: skip

    def __init__(
        self, start_bits_per_s: float = START_BITS_PER_S, probing: ProbePolicy | None = None
    ) -> None:
        self._trend = DelayTrend()
        self._rate = RateControl(start_bits_per_s)
        self._loss = LossControl()
        self._queue = QueueDelay()
        self._acknowledged = AcknowledgedRate()
        self._sent = AcknowledgedRate()
        self._prober = Prober(probing or ProbePolicy())
        self._answered_s = self._congested_s = self._reported_s = float("-inf")
        self._unanswered_s: float | None = None
        self._silent_s: float | None = None

    @property
    def bits_per_s(self) -> float:
        """What the viewer can be sent in all: the lesser of what delay and loss say."""
        cap = self._loss.cap
        return self._rate.bits_per_s if cap is None else min(cap, self._rate.bits_per_s)

    @property
    def loss(self) -> float:
        """Share of packets lost lately."""
        return self._loss.loss

    @property
    def queue_s(self) -> float:
        """How long packets wait on the way."""
        return self._queue.queue_s

    @property
    def silent(self) -> bool:
        """Whether the viewer leaves what we send without feedback."""
        return self._silent_s is not None

    @property
    def prober(self) -> Prober:
        """This viewer's probes, for their counters and the newest proof."""
        return self._prober

    def set_round_trip(self, round_trip_s: float) -> None:
        """Note the round trip that receiver reports show."""
        self._rate.round_trip_s = round_trip_s

    def acknowledged_bits_per_s(self) -> float | None:
        """Return what arrives at the viewer, over half a second, or None before it is known."""
        return self._acknowledged.long_bits_per_s()

    def congested(self, now_s: float) -> bool:
        """Whether a queue grew, much was lost or feedback stayed away within the last second."""
        return now_s - self._congested_s < CONGESTED_S

    def on_feedback(self, now_s: float, packets: Sequence[Reported]) -> None:
        """Take what one feedback says, in the order of sending, each packet's arrival once.

        A packet that was reported lost and came after all is reported again, with its arrival
        (`FeedbackReader` does so).
        """
        if not packets:
            return
        self._answered_s, self._unanswered_s, self._silent_s = now_s, None, None
        counted, lost = self._note_arrivals(now_s, packets)
        if self._prober.active:
            packets, counted, lost = self._without_burst(now_s, packets)
        usage = self._trend.update(packets)
        acknowledged = self._acknowledged.long_bits_per_s()
        if self._queue.standing and usage is Usage.NORMAL:
            usage = Usage.UNDER  # no growth before the queue is gone
        if self._queue.empty and usage is Usage.OVER:
            usage = Usage.UNDER  # a tremble, no queue: no growth, no cut
        if self._queue.overused(now_s, self._rate.bits_per_s, acknowledged):
            usage = Usage.OVER
        recent = self._acknowledged.short_bits_per_s() if usage is Usage.OVER else None
        sent = self._sent.short_bits_per_s() if usage is Usage.OVER else None
        cut = self._rate.update(now_s, usage, acknowledged, recent, sent)
        if self._loss.note(now_s, counted, lost, self._rate.bits_per_s, acknowledged) or cut:
            self._congested_s = now_s

    def on_time(self, now_s: float, newest_sent_s: float) -> None:
        """Notice silence; call it a few times a second. `newest_sent_s` = when a packet was last sent."""
        if now_s - newest_sent_s > SILENCE_S or newest_sent_s <= self._answered_s:
            self._unanswered_s = None
        elif self._unanswered_s is None:
            self._unanswered_s = newest_sent_s
        elif now_s - self._unanswered_s >= SILENCE_S and (
            self._silent_s is None or now_s - self._silent_s >= SILENCE_STEP_S
        ):
            self._silent_s = self._congested_s = now_s
            self._rate.decay(now_s, SILENCE_FACTOR)

    def plan_probe(self, now_s: float, wanted_bits_per_s: float) -> ProbePlan | None:
        """Return the burst to send now, if one is due; returning it counts as sending it."""
        if self.silent or self._queue.standing:
            return None
        sent = self._acknowledged.long_bits_per_s()
        if sent is None:
            return None
        return self._prober.plan(now_s, self.bits_per_s, sent, wanted_bits_per_s, self._congested_s)

    def _note_arrivals(self, now_s: float, packets: Sequence[Reported]) -> tuple[int, int]:
        """Note what came and how long it waited; return packets and losses to count.

        A packet older than all reported before was counted as lost then: it is one loss less, no packet more.
        """
        size_bytes = lost = late = 0
        newest_s, least_s = float("-inf"), float("inf")
        reported_s = self._reported_s
        self._reported_s = max(reported_s, packets[-1][0])
        for sent_s, size, arrival_s in packets:
            if arrival_s is None:
                lost += 1
                continue
            size_bytes += size
            if arrival_s > newest_s:
                newest_s = arrival_s
            if arrival_s - sent_s < least_s:
                least_s = arrival_s - sent_s
            if sent_s < reported_s:
                late += 1
        if size_bytes:
            self._acknowledged.add(newest_s, size_bytes)
            self._sent.add(packets[-1][0], size_bytes)
            self._queue.note(now_s, least_s)
        return len(packets) - late, lost - late

    def _without_burst(
        self, now_s: float, packets: Sequence[Reported]
    ) -> tuple[Sequence[Reported], int, int]:
        """Let the prober judge its burst; return the other packets, how many to count, how many lost.

        Delay and loss of the burst are its own fault.
        """
        others, burst_end_s = self._prober.take(packets)
        proven = self._prober.verdict(now_s)
        if proven is not None:
            self._rate.prove(now_s, proven)
            self._loss.prove(proven)
        if not self._prober.active:
            self._trend.skip()
            others = [packet for packet in others if packet[0] > burst_end_s]
        lost = sum(1 for packet in others if packet[2] is None)
        return others, len(others), lost
