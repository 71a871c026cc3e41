"""Probes: a short burst of padding that shows whether a higher layer would get through.

What a viewer on the low layer is sent never proves that the high one fits (the estimate stops at 1.5 x what
arrives), so now and then more is sent for a moment:

    IDLE --time has come, way calm--> SENDING --burst over--> AWAITING --verdict or 1 s--> IDLE
     enough arrived:  the rate is proven; the next step may follow at once, each at most 2.5 x the last
     too little:      what did arrive is proven; the next try after 2, 3, 4.5, then 5 s, at 1.5 x

How much it may hurt: a burst of 80 ms at 2.5 x what the way carries leaves a queue of 120 ms that drains with
the headroom the layer leaves; the retries of one that stays limited leave 40 ms.

All packets sent while the burst lasts are judged, media too: the slower of sending and arriving, 0.95 of it
when the way was the limit, nothing when less than 80% arrived (libwebrtc's goog_cc/probe_bitrate_estimator;
the least of five packets is its as well). A burst proves no more than was planned. A shaper's token bucket
lets short bursts through: see `layer_choice` for what helps then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from streaming.bandwidth.delay_trend import Reported

MIN_ARRIVED = 0.8
UNSATURATED = 0.9
TARGET_SHARE = 0.95
MAX_VALID_RATIO = 2.0
TREMBLE_S = 0.010
PROGRESS = 1.05


@dataclass(slots=True, frozen=True)
class ProbePolicy:
    """When and how to probe. Times in s, `min_bytes` is the least burst whose arrival says something."""

    duration_s: float = 0.080
    min_bytes: int = 6000
    step_factor: float = 2.5
    retry_step_factor: float = 1.5
    retry_s: float = 2.0
    retry_factor: float = 1.5
    max_retry_s: float = 5.0
    calm_s: float = 1.0
    verdict_s: float = 1.0


@dataclass(slots=True, frozen=True)
class ProbePlan:
    """Send padding of `size_bytes` over `duration_s`, evenly, beside the media.

    `bits_per_s` is the rate of media and padding together that it is to prove.
    """

    size_bytes: int
    duration_s: float
    bits_per_s: float


@dataclass(slots=True)
class _Cluster:
    """What is known of the packets sent during one burst."""

    plan: ProbePlan
    begin_s: float
    end_s: float
    packets: int = 0
    size_bytes: int = 0
    arrived: int = 0
    arrived_bytes: int = 0
    first_sent_s: float = 0.0
    last_sent_s: float = 0.0
    last_sent_bytes: int = 0
    first_arrival_s: float = 0.0
    first_arrival_bytes: int = 0
    last_arrival_s: float = 0.0
    passed: bool = False  # a packet sent after the burst was reported

    def add(self, sent_s: float, size_bytes: int, arrival_s: float | None) -> None:
        self.packets += 1
        self.size_bytes += size_bytes
        if arrival_s is None:
            return
        if not self.arrived or arrival_s < self.first_arrival_s:
            self.first_arrival_s, self.first_arrival_bytes = arrival_s, size_bytes
        if not self.arrived or sent_s < self.first_sent_s:
            self.first_sent_s = sent_s
        if sent_s >= self.last_sent_s:
            self.last_sent_s, self.last_sent_bytes = sent_s, size_bytes
        self.last_arrival_s = max(self.last_arrival_s, arrival_s) if self.arrived else arrival_s
        self.arrived += 1
        self.arrived_bytes += size_bytes

    def proven(self) -> tuple[float, bool] | None:
        """Bits/s that got through and whether the way was the limit.

        None when the burst says nothing or was mostly lost.
        """
        enough = self.arrived_bytes >= MIN_ARRIVED * max(self.size_bytes, self.plan.size_bytes)
        if self.arrived < 5 or not enough or self.arrived < MIN_ARRIVED * self.packets:
            return None
        sending_s = self.last_sent_s - self.first_sent_s
        arriving_s = self.last_arrival_s - self.first_arrival_s
        if sending_s < self.plan.duration_s / 4:
            sending_s = self.plan.duration_s  # sent in one go: only the arrival says something
        # Between the first and the last packet, one of the two has passed; which one depends on the edges.
        bits = 8 * (self.arrived_bytes - (self.first_arrival_bytes + self.last_sent_bytes) / 2)
        if arriving_s < sending_s / MAX_VALID_RATIO:
            arriving_s = sending_s  # the way held them back and let them go together
        limited = arriving_s > sending_s / UNSATURATED + TREMBLE_S
        rate = bits / max(arriving_s, sending_s) * (TARGET_SHARE if limited else 1.0)
        return min(rate, self.plan.bits_per_s), limited


class Prober:
    """One viewer's probes. `proven_s` and `proven_bits_per_s` tell of the newest success."""

    __slots__ = (
        "_cluster", "_goal", "_next_s", "_policy", "_retry_s", "failed_total", "proven_bits_per_s",
        "proven_s", "sent_total",
    )  # fmt: skip

    def __init__(self, policy: ProbePolicy) -> None:
        self._policy = policy
        self._cluster: _Cluster | None = None
        self._goal = 0.0
        self._next_s = 0.0
        self._retry_s = policy.retry_s
        self.proven_s: float | None = None
        self.proven_bits_per_s = 0.0
        self.sent_total = self.failed_total = 0

    def plan(
        self, now_s: float, estimate: float, sent_bits_per_s: float, wanted: float, calm_since_s: float
    ) -> ProbePlan | None:
        """Return the burst to send now, if any; to return it counts as sending it.

        `wanted` (bits/s) is the rate somebody would like proven, 0 = nobody. `calm_since_s` is when the way
        last showed a queue or heavy loss.
        """
        if self._cluster is not None and now_s > self._cluster.end_s + self._policy.verdict_s:
            self._fail(now_s)
        if self._cluster is not None or wanted <= estimate or now_s < self._next_s:
            return None
        if now_s - calm_since_s < self._policy.calm_s:
            return None
        retry = self._retry_s > self._policy.retry_s
        factor = self._policy.retry_step_factor if retry else self._policy.step_factor
        rate = min(wanted, estimate * factor)
        duration_s = max(self._policy.duration_s, self._policy.min_bytes * 8 / rate)
        # Only half of the media is counted on: a frame may fall beside the burst.
        padding = max(rate - sent_bits_per_s / 2, rate / 4) * duration_s / 8
        plan = ProbePlan(round(padding), duration_s, rate)
        self._cluster = _Cluster(plan, now_s, now_s + duration_s)
        self._goal = PROGRESS * estimate
        self.sent_total += 1
        return plan

    @property
    def active(self) -> bool:
        """Whether a burst is on its way."""
        return self._cluster is not None

    def take(self, packets: Sequence[Reported]) -> tuple[list[Reported], float]:
        """Keep the burst's packets for the verdict; return the others, and when the burst ends."""
        cluster = self._cluster
        assert cluster is not None
        others: list[Reported] = []
        for packet in packets:
            if cluster.begin_s <= packet[0] <= cluster.end_s:
                cluster.add(*packet)
            else:
                cluster.passed = cluster.passed or packet[0] > cluster.end_s
                others.append(packet)
        return others, cluster.end_s

    def verdict(self, now_s: float) -> float | None:
        """Return the rate just proven (bits/s), once per burst, or None."""
        cluster = self._cluster
        if cluster is None or not (cluster.passed or now_s > cluster.end_s + self._policy.verdict_s):
            return None
        result = cluster.proven()
        if result is None:
            self._fail(now_s)
            return None
        proven, limited = result
        self._cluster = None
        self.proven_s, self.proven_bits_per_s = now_s, proven
        if limited or proven < self._goal:
            self._put_off(now_s)
        else:
            self._retry_s, self._next_s = self._policy.retry_s, now_s
        return proven

    def _fail(self, now_s: float) -> None:
        self._cluster = None
        self._put_off(now_s)

    def _put_off(self, now_s: float) -> None:
        self.failed_total += 1
        self._next_s = now_s + self._retry_s
        self._retry_s = min(self._retry_s * self._policy.retry_factor, self._policy.max_retry_s)
