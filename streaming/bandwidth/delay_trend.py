"""Whether a queue grows on the way: packet groups, the trend of their delay, the overuse detector.

Source: draft-ietf-rmcat-gcc-02 section 5, with libwebrtc's trendline filter in place of the Kalman filter
(modules/congestion_controller/goog_cc: inter_arrival_delta, trendline_estimator). Numbers are libwebrtc's.

    packets sent within 5 ms = one group; between groups: arrival gap - sending gap = delay gradient
    gradients, summed and smoothed, over the arrival time --line through the last 20 points--> slope
    slope * min(groups, 60) * 4 against a threshold that follows it slowly --> over, under or normal

The line is fitted with running sums, 20 points at the price of one. Only differences of the viewer's clock
are used, and a clock that drifts by 500 ppm gives a slope of 0.0005, a hundredth of the least threshold.
"""

from collections import deque
from collections.abc import Sequence
from enum import Enum

Reported = tuple[float, int, float | None]
"""A packet of a feedback: sent at (our clock, s), bytes, arrival (viewer's clock, s) or None for lost."""

Arrived = tuple[float, int, float]
"""The same of one that came."""

GROUP_S = 0.005
BURST_S = 0.005
MAX_BURST_S = 0.100
WINDOW_GROUPS = 20
SMOOTHING = 0.9
GAIN = 4.0
MIN_DELTAS = 60
REORDERED_BEFORE_RESET = 3
MAX_GAP_MS = 3000.0  # libwebrtc's limit for a clock that jumped
OVERUSE_MS = 10.0
FIRST_THRESHOLD = 12.5
MIN_THRESHOLD, MAX_THRESHOLD = 6.0, 600.0
MAX_ADAPT_OFFSET = 15.0
THRESHOLD_UP, THRESHOLD_DOWN = 0.0087, 0.039
_REBASE_MS = 10_000.0


class Usage(Enum):
    """What the delay says of the way."""

    NORMAL = "normal"
    OVER = "over"  # a queue grows
    UNDER = "under"  # a queue empties


class DelayTrend:
    """Fed with packets in the order they were sent; `usage` is the newest verdict."""

    __slots__ = (
        "_accumulated_ms", "_arrival_s", "_base_ms", "_deltas", "_first_arrival_s", "_first_sent_s",
        "_over_ms", "_overs", "_points", "_previous", "_reordered", "_sent_s", "_slope", "_smoothed_ms",
        "_sum_x", "_sum_xx", "_sum_xy", "_sum_y", "_threshold", "_threshold_ms", "usage",
    )  # fmt: skip

    def __init__(self) -> None:
        self._threshold = FIRST_THRESHOLD
        self._threshold_ms: float | None = None
        self.reset()

    def reset(self) -> None:
        """Forget the packets; the threshold has learnt how the way trembles and stays."""
        self.usage = Usage.NORMAL
        self._first_sent_s: float | None = None
        self._sent_s = self._first_arrival_s = self._arrival_s = 0.0
        self._previous: tuple[float, float] | None = None
        self._reordered = self._deltas = self._overs = 0
        self._accumulated_ms = self._smoothed_ms = self._slope = 0.0
        self._over_ms: float | None = None
        self._points: deque[tuple[float, float]] = deque()
        self._base_ms = 0.0
        self._sum_x = self._sum_y = self._sum_xx = self._sum_xy = 0.0

    def skip(self) -> None:
        """Do not compare what comes next with what came last: a probe's burst lay between them."""
        self._first_sent_s = self._previous = None

    def update(self, packets: Sequence[Reported]) -> Usage:
        """Take the packets of one feedback; overuse anywhere in it is the verdict of all of it."""
        over = False
        group_s, last_sent_s = self._first_sent_s, self._sent_s
        first_arrival_s, last_arrival_s = self._first_arrival_s, self._arrival_s
        for sent_s, _size, arrival_s in packets:
            if arrival_s is None or (group_s is not None and sent_s < group_s):
                continue  # lost, or of an earlier group: reordered
            if group_s is not None:
                gap_s = arrival_s - last_arrival_s
                # What the way delivered together says nothing about each other: one burst, one group.
                if sent_s - group_s <= GROUP_S or (
                    gap_s < sent_s - last_sent_s
                    and gap_s <= BURST_S
                    and arrival_s - first_arrival_s < MAX_BURST_S
                ):
                    if sent_s > last_sent_s:  # noqa: PLR1730 a call of max() is half of the loop
                        last_sent_s = sent_s
                    if gap_s > 0:
                        last_arrival_s = arrival_s
                    continue
                over = self._complete(last_sent_s, last_arrival_s) or over
            group_s = last_sent_s = sent_s
            first_arrival_s = last_arrival_s = arrival_s
        self._first_sent_s, self._sent_s = group_s, last_sent_s
        self._first_arrival_s, self._arrival_s = first_arrival_s, last_arrival_s
        if over:
            self.usage = Usage.OVER
        return self.usage

    def _complete(self, sent_s: float, arrival_s: float) -> bool:
        """Compare a finished group (last sent, last arrived) with the one before; True for overuse."""
        previous, self._previous = self._previous, (sent_s, arrival_s)
        if previous is None:
            return False
        sent_ms = (sent_s - previous[0]) * 1000
        arrival_ms = (arrival_s - previous[1]) * 1000
        if arrival_ms < 0:
            self._reordered += 1
        elif arrival_ms - sent_ms >= MAX_GAP_MS:
            self._reordered = REORDERED_BEFORE_RESET
        else:
            self._reordered = 0
            return self._compare(arrival_ms - sent_ms, sent_ms, arrival_s * 1000)
        if self._reordered >= REORDERED_BEFORE_RESET:
            self.reset()
        return False

    def _compare(self, gradient_ms: float, sent_ms: float, at_ms: float) -> bool:
        self._deltas += 1
        self._accumulated_ms += gradient_ms
        self._smoothed_ms = SMOOTHING * self._smoothed_ms + (1 - SMOOTHING) * self._accumulated_ms
        if not self._points or at_ms - self._base_ms > _REBASE_MS:
            self._rebase(at_ms)
        points = self._points
        x, y = at_ms - self._base_ms, self._smoothed_ms
        points.append((x, y))
        sum_x, sum_y = self._sum_x + x, self._sum_y + y
        sum_xx, sum_xy = self._sum_xx + x * x, self._sum_xy + x * y
        if len(points) > WINDOW_GROUPS:
            x, y = points.popleft()
            sum_x -= x
            sum_y -= y
            sum_xx -= x * x
            sum_xy -= x * y
        self._sum_x, self._sum_y, self._sum_xx, self._sum_xy = sum_x, sum_y, sum_xx, sum_xy
        slope = self._slope
        if len(points) == WINDOW_GROUPS:
            spread = WINDOW_GROUPS * sum_xx - sum_x * sum_x
            if spread > 0:
                slope = (WINDOW_GROUPS * sum_xy - sum_x * sum_y) / spread
        return self._judge(slope, sent_ms, at_ms)

    def _rebase(self, at_ms: float) -> None:
        """Move the sums' zero here: they keep their precision however long the session."""
        shift_ms = at_ms - self._base_ms
        self._base_ms = at_ms
        self._points = deque((x - shift_ms, y) for x, y in self._points)
        self._sum_x = sum(x for x, _ in self._points)
        self._sum_y = sum(y for _, y in self._points)
        self._sum_xx = sum(x * x for x, _ in self._points)
        self._sum_xy = sum(x * y for x, y in self._points)

    def _judge(self, slope: float, sent_ms: float, at_ms: float) -> bool:
        """Compare with the threshold (section 5.4): over only for 10 ms, twice, and not while it falls."""
        trend = min(self._deltas, MIN_DELTAS) * slope * GAIN
        over = False
        if trend > self._threshold:
            self._over_ms = sent_ms / 2 if self._over_ms is None else self._over_ms + sent_ms
            self._overs += 1
            if self._over_ms > OVERUSE_MS and self._overs > 1 and slope >= self._slope:
                self._over_ms, self._overs = 0.0, 0
                self.usage = Usage.OVER
                over = True
        else:
            self._over_ms, self._overs = None, 0
            self.usage = Usage.UNDER if trend < -self._threshold else Usage.NORMAL
        self._slope = slope
        self._adapt(abs(trend), at_ms)
        return over

    def _adapt(self, size: float, at_ms: float) -> None:
        """Let the threshold follow the trend: up slowly, down quickly, not for spikes (section 5.4)."""
        passed_ms = 0.0 if self._threshold_ms is None else min(at_ms - self._threshold_ms, 100.0)
        self._threshold_ms = at_ms
        if size > self._threshold + MAX_ADAPT_OFFSET:
            return
        pace = THRESHOLD_DOWN if size < self._threshold else THRESHOLD_UP
        moved = self._threshold + pace * (size - self._threshold) * passed_ms
        self._threshold = max(MIN_THRESHOLD, min(moved, MAX_THRESHOLD))
