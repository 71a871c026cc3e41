"""From "a queue grows" to a rate: additive increase, multiplicative decrease (draft-ietf-rmcat-gcc-02, 5.5).

Numbers are libwebrtc's (goog_cc/aimd_rate_control, link_capacity_estimator). What differs: a relay sends
what the layers have, not what the estimate says, so

- the rate grows only up to 1.5 x acknowledged + 10 kb/s (libwebrtc does that too), and stays where a probe
  or real traffic once proved it, until a queue or loss says otherwise;
- a first alarm while far less is sent than the estimate allows, or while arrivals keep up with sending,
  costs 15% of the estimate; only when it has not passed 0.3 s later does what arrives count. A key frame
  makes such alarms, and what arrives is little when little was sent;
- two seconds after the last decrease it is at least what arrives without a queue: that much is proven.
"""

from math import sqrt

from streaming.bandwidth.delay_trend import Usage

DECREASE = 0.85
INCREASE_A_SECOND = 1.08
MIN_STEP_BITS_PER_S = 1_000.0
LIMIT_FACTOR = 1.5
LIMIT_EXTRA_BITS_PER_S = 10_000.0
MIN_BITS_PER_S = 10_000.0
MAX_BITS_PER_S = 100e6
TRUST_ARRIVALS_AFTER_S = 2.0
STARVED_SHARE = 0.6
KEEPS_UP_SHARE = 0.9
CONFIRM_S = 0.3
_FRAME_S = 1 / 30
_PACKET_BITS = 1200 * 8
_MIN_ADDITIVE_BITS_PER_S2 = 4_000.0
_DETECTOR_S = 0.1


class _Capacity:
    """Mean and spread of the rates at which queues grew: near them the rate grows slowly."""

    __slots__ = ("_deviation", "_kilobits")

    def __init__(self) -> None:
        self._kilobits: float | None = None
        self._deviation = 0.4

    def note(self, bits_per_s: float) -> None:
        sample = bits_per_s / 1000
        if self._kilobits is None:
            self._kilobits = sample
        else:
            self._kilobits += 0.05 * (sample - self._kilobits)
        error = (self._kilobits - sample) ** 2 / max(self._kilobits, 1.0)
        self._deviation = min(max(0.95 * self._deviation + 0.05 * error, 0.4), 2.5)

    def forget(self) -> None:
        self._kilobits = None

    @property
    def known(self) -> bool:
        return self._kilobits is not None

    def bound(self, sign: int) -> float:
        """Three deviations above (1) or below (-1), in bits/s."""
        assert self._kilobits is not None
        spread = 3 * sqrt(self._deviation * self._kilobits)
        return max(0.0, self._kilobits + sign * spread) * 1000


class RateControl:
    """The delay-based estimate. `round_trip_s` may be set when it is known."""

    __slots__ = (
        "_alarm_s", "_capacity", "_changed_s", "_decreased_s", "_holding", "bits_per_s", "round_trip_s",
    )  # fmt: skip

    def __init__(self, bits_per_s: float) -> None:
        self.bits_per_s = bits_per_s
        self.round_trip_s = 0.1
        self._capacity = _Capacity()
        self._alarm_s: float | None = None  # since when it has not been normal
        self._changed_s: float | None = None
        self._decreased_s: float | None = None
        self._holding = False

    def update(
        self, now_s: float, usage: Usage, acknowledged: float | None, recent: float | None, sent: float | None
    ) -> bool:
        """Follow the detector; True when the rate was cut.

        `acknowledged` is the arriving rate (bits/s) over half a second, `recent` over the shorter window
        that a cut starts from, `sent` the rate at which that was sent; None = not known yet.
        """
        if usage is Usage.OVER:
            arriving = recent if recent is not None else acknowledged
            doubtful = sent is not None and (
                sent < STARVED_SHARE * self.bits_per_s
                or (arriving is not None and arriving > KEEPS_UP_SHARE * sent)
            )
            return self._decrease(now_s, arriving, doubtful)
        self._alarm_s = self._alarm_s if usage is Usage.UNDER else None
        if usage is Usage.UNDER:
            self._holding = True  # let the queue empty
            return False
        if self._holding:
            self._holding = False
            self._changed_s = now_s
        if acknowledged is not None:
            self._increase(now_s, acknowledged)
        return False

    def prove(self, now_s: float, bits_per_s: float) -> None:
        """Take a probe's word that this much gets through."""
        if bits_per_s > self.bits_per_s:
            self.bits_per_s = min(bits_per_s, MAX_BITS_PER_S)
            self._changed_s = now_s
            if self._capacity.known and bits_per_s > self._capacity.bound(1):
                self._capacity.forget()

    def decay(self, now_s: float, factor: float) -> None:
        """Lower the rate without a word from the viewer."""
        self.bits_per_s = max(MIN_BITS_PER_S, self.bits_per_s * factor)
        self._changed_s = self._decreased_s = now_s

    def _decrease(self, now_s: float, acknowledged: float | None, doubtful: bool) -> bool:
        self._holding = True
        first = self._alarm_s is None
        if self._alarm_s is None:
            self._alarm_s = now_s
        if doubtful and not first and now_s - self._alarm_s < CONFIRM_S:
            return False
        if not self._may_decrease(now_s, acknowledged):
            return False
        if acknowledged is None or (doubtful and first):
            lowered = self.bits_per_s * DECREASE
        else:
            lowered = min(self.bits_per_s, acknowledged * DECREASE)
            if self._capacity.known and acknowledged < self._capacity.bound(-1):
                self._capacity.forget()
            self._capacity.note(acknowledged)
        self.bits_per_s = max(MIN_BITS_PER_S, lowered)
        self._decreased_s = now_s
        return True

    def _may_decrease(self, now_s: float, acknowledged: float | None) -> bool:
        """Once a round trip, unless far less arrives than we believe."""
        if self._decreased_s is None or now_s - self._decreased_s >= min(max(self.round_trip_s, 0.01), 0.2):
            return True
        return acknowledged is not None and acknowledged < self.bits_per_s / 2

    def _increase(self, now_s: float, acknowledged: float) -> None:
        rate = self.bits_per_s
        if self._capacity.known and acknowledged > self._capacity.bound(1):
            self._capacity.forget()
        passed_s = 0.0 if self._changed_s is None else min(now_s - self._changed_s, 1.0)
        limit = LIMIT_FACTOR * acknowledged + LIMIT_EXTRA_BITS_PER_S
        if rate < limit:
            if self._capacity.known:
                grown = rate + self._near_capacity(rate) * passed_s
            else:
                grown = rate + max(rate * (INCREASE_A_SECOND**passed_s - 1), MIN_STEP_BITS_PER_S * passed_s)
            rate = min(grown, limit)
        if self._decreased_s is None or now_s - self._decreased_s >= TRUST_ARRIVALS_AFTER_S:
            rate = max(rate, acknowledged)
        self.bits_per_s = min(rate, MAX_BITS_PER_S)
        self._changed_s = now_s

    def _near_capacity(self, rate: float) -> float:
        """About one packet more each response time (bits/s each second)."""
        frame_bits = rate * _FRAME_S
        packet_bits = frame_bits / -(-frame_bits // _PACKET_BITS)
        response_s = 2 * (self.round_trip_s + _DETECTOR_S)
        return max(_MIN_ADDITIVE_BITS_PER_S2, packet_bits / response_s)
