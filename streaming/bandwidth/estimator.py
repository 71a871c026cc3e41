"""How much one viewer can be sent: the send-side estimate.

Source: draft-ietf-rmcat-gcc-02 with libwebrtc's trendline filter (goog_cc). The ways of its parts:

    feedback --> AcknowledgedRate   what arrives
             --> QueueDelay         how long packets wait            (ours, see there)
             --> DelayTrend         whether the wait grows  --.
             --> Prober             what a burst proved        +--> RateControl --.
             --> LossControl        what loss says  ------------------------------+--> the lesser of both

Nothing is kept per packet: whoever sends knows when each left and how long it was, and hands both in with
the arrival. What a relay needs beyond the draft is told where it is done: growth bounded by what arrives,
doubtful alarms (`rate_control`), standing queues (`queue_delay`), probes whose own delay and loss are not
held against the way (here), losses counted over longer intervals (`loss_control`).

Measured in simulated time (tests/streaming/bandwidth; 20 ms each way, feedback each 50 ms, queue of 200
packets; start at 600 kb/s). A sender that always fills the estimate, 60 s, the first 10 s left out:

    link                         80% after   used    queue p50 / p95
    400 kb/s, probes             at once     93%      30 / 105 ms
    1 Mb/s, probes               0.6 s       96%      59 /  97 ms
    3 Mb/s, probes               0.8 s       97%      39 / 142 ms
    1 Mb/s, no probes            4.1 s       95%      29 /  52 ms
    3 Mb/s, no probes            18.4 s      88%      19 /  48 ms (its climb included)
    1 Mb/s, 20 ms of jitter      0.7 s       94%      47 / 107 ms (jitter included)
    1 Mb/s, 200 ms round trip    0.9 s       96%      50 /  89 ms
    1 Mb/s, 5% reordered         0.6 s       96%      55 /  96 ms
    1 Mb/s, clock 500 ppm fast   0.6 s       95%      53 /  87 ms
    1 Mb/s, 3% lost              0.6 s       96%      30 /  81 ms
    3 Mb/s, 3% lost              0.8 s       94%      24 / 110 ms
    1 Mb/s, 12% lost             0.6 s       75%      19 /  32 ms (and falling: the draft's answer)
    2.5 Mb/s -> 400 kb/s         below 500 kb/s after 0.45 s, then 97% used, queue p95 61 ms
    2 Mb/s, 1 Mb/s of others     down to their rest, 80% again 2 s after their end; queue 174 / 284 ms

A viewer of layers of 150 kb/s, 500 kb/s and 2.5 Mb/s (`ViewerBandwidth`), the highest in use, then 400 kb/s
for half a minute or so, key frames 0.3 s after they are wanted:

    the limit is answered after          0.5 to 0.7 s (picture stopped until the low layer's key frame)
    queue while limited, p95             23 ms once the old layer's rest has drained, 87 ms behind a probe
    top layer again after its end        1.5 to 5.4 s (a probe each 5 s at worst, then three steps)
    longest time without a new picture   0.4 s on the way down, 0.2 s on the way up
    two minutes of 30 ms jitter with 1% lost, 50 ms of jitter, or 5% lost, room enough: no layer lost

Cost: of several feedbacks read together 4 us each (1.1 Mb/s), 9 us a decision, 9.4 kB a viewer; with the
reading 13 us a feedback (docs/decisions/0032). Most are not read (docs/decisions/0033).
"""

from collections.abc import Sequence
from operator import itemgetter, sub

from streaming.bandwidth.acknowledged import AcknowledgedRate
from streaming.bandwidth.delay_trend import Arrived, DelayTrend, Reported, Usage
from streaming.bandwidth.loss_control import LossControl
from streaming.bandwidth.probe import ProbePlan, ProbePolicy, Prober
from streaming.bandwidth.queue_delay import QueueDelay
from streaming.bandwidth.rate_control import RateControl

START_BITS_PER_S = 600_000.0
SILENCE_S = 1.0
SILENCE_FACTOR = 0.7
SILENCE_STEP_S = 0.5
CONGESTED_S = 1.0
_SENT, _SIZE, _ARRIVAL = itemgetter(0), itemgetter(1), itemgetter(2)


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

    def waited(self, first: Arrived, last: Arrived) -> bool:
        """Whether one of these packets had to wait on the way."""
        return not (self._queue.is_empty_for(first) and self._queue.is_empty_for(last))

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

    def is_calm(self, now_s: float) -> bool:
        """Whether nothing is the matter: no queue, no probe under way, no alarm within the last second."""
        return not (
            self._trend.usage is Usage.OVER
            or self._queue.standing
            or self._prober.active
            or self.congested(now_s)
        )

    def on_feedback(self, now_s: float, packets: Sequence[Reported], unlisted: int = 0) -> None:
        """Take what one feedback says, in the order of sending, each packet's arrival once.

        `unlisted` packets came besides, whose bytes are counted with those listed.
        A packet that was reported lost and came after all is reported again, with its arrival
        (`FeedbackReader` does so).
        """
        if not packets:
            return
        self._answered_s, self._unanswered_s, self._silent_s = now_s, None, None
        counted, lost = self._note_arrivals(now_s, packets)
        counted += unlisted
        if self._prober.active:
            packets, counted, lost = self._without_burst(now_s, packets)
        self._follow(now_s, packets, counted, lost)

    def on_row(self, now_s: float, first: Arrived, last: Arrived, unlisted: int, lost: int) -> None:
        """Take a row of packets, by its first and its last, while no probe is under way.

        They are newer than all reported before. `last` stands for the bytes of the `unlisted` between, too.
        Some of those are `lost`; packets of feedbacks that are not read count neither as come nor as lost.
        """
        self._answered_s, self._unanswered_s, self._silent_s = now_s, None, None
        self._reported_s = last[0]
        size_bytes = first[1] + last[1]
        self._acknowledged.add(last[2], size_bytes)
        self._sent.add(last[0], size_bytes)
        self._queue.note(now_s, min(first[2] - first[0], last[2] - last[0]))
        self._follow(now_s, (first, last), unlisted + 2, lost)

    def _follow(self, now_s: float, packets: Sequence[Reported], counted: int, lost: int) -> None:
        """Let the estimate follow what these packets say of delay, and these counts of loss."""
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
        reported_s = self._reported_s
        self._reported_s = max(reported_s, packets[-1][0])
        arrived = [packet for packet in packets if packet[2] is not None]
        lost = len(packets) - len(arrived)
        if not arrived:
            return len(packets), lost
        late = 0
        if packets[0][0] < reported_s:
            late = sum(1 for sent_s, _, _ in arrived if sent_s < reported_s)
        size_bytes = sum(map(_SIZE, arrived))
        self._acknowledged.add(max(map(_ARRIVAL, arrived)), size_bytes)
        self._sent.add(packets[-1][0], size_bytes)
        # Built in whole: this is what most of a feedback's time goes into.
        self._queue.note(now_s, min(map(sub, map(_ARRIVAL, arrived), map(_SENT, arrived))))
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
