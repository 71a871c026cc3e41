"""What a viewer's receiver reports say of one stream's loss, put together. Pure.

A report tells of the packets since the report before (RFC 3550 section 6.4.1). Browsers send one with each
request for repeats, ten a second on a bad line: most tell of no packet at all, and say "none lost"; the
others come just when something was missed, and tell of a few packets only. So reports count by as many
packets as they tell of, and speak after half a second.
"""

from streaming.rtp.rtcp import ReportBlock

SPOKEN_AFTER_S = 0.5
# Where reports come and none tells of a packet, so many that were sent so long ago are all lost.
SILENT_AFTER_S, SILENT_PACKETS = 1.0, 10
_WRAP = 1 << 32


class ReportedLoss:
    """The reports on one stream."""

    __slots__ = ("_expected", "_highest", "_lost", "_overdue_s", "_passed_total", "_since_s")

    def __init__(self) -> None:
        self._highest: int | None = None
        self._since_s = 0.0
        self._expected = 0
        self._lost = 0.0
        # What had been sent when a report last told of a packet, and since when enough more is overdue.
        self._passed_total = 0
        self._overdue_s: float | None = None

    def take(self, block: ReportBlock, now_s: float, passed_total: int) -> float | None:
        """Take a report; returns the share lost since this last said one, 0 to 1, None = too early to say.

        `passed_total` is how many packets of the stream this viewer was sent since it was let in, after a
        pause, into another layer or over another path, repeats not counted.
        """
        share = block.fraction_lost / 256
        before, self._highest = self._highest, block.highest_sequence
        expected = 0 if before is None else (self._highest - before) % _WRAP
        if before is None or expected >= _WRAP // 2:  # the viewer counts anew, or this one was overtaken
            self._begin(now_s, passed_total)
            return share if before is None else None
        if expected:
            self._expected += expected
            self._lost += share * expected
            self._passed_total, self._overdue_s = passed_total, None
        is_silent = not expected and self._is_silent(now_s, passed_total)
        if self._expected and now_s - self._since_s >= SPOKEN_AFTER_S:
            share = self._lost / self._expected
        elif is_silent:
            share = 1.0
        else:
            return None
        self._begin(now_s, passed_total)
        return share

    def _is_silent(self, now_s: float, passed_total: int) -> bool:
        """Whether packets that had been sent at a report a second ago are still not told of."""
        if passed_total < self._passed_total:  # it was let in anew
            self._passed_total, self._overdue_s = passed_total, None
        if self._overdue_s is None:
            if passed_total - self._passed_total >= SILENT_PACKETS:
                self._overdue_s = now_s
            return False
        return now_s - self._overdue_s >= SILENT_AFTER_S

    def _begin(self, now_s: float, passed_total: int) -> None:
        self._since_s, self._expected, self._lost = now_s, 0, 0.0
        self._passed_total, self._overdue_s = passed_total, None
