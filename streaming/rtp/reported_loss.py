"""What a viewer's receiver reports say of one stream's loss, put together. Pure.

A report tells of the packets since the report before (RFC 3550 section 6.4.1). Browsers send one with each
request for repeats, ten a second on a bad line: most tell of no packet at all, and say "none lost"; the
others come just when something was missed, and tell of a few packets only. So reports count by as many
packets as they tell of, and speak after half a second.
"""

from streaming.rtp.rtcp import ReportBlock

SPOKEN_AFTER_S = 0.5
# Where reports come and none tells of a packet, so many were sent meanwhile that all of them are lost.
SILENT_AFTER_S, SILENT_PACKETS = 1.0, 10
_WRAP = 1 << 32


class ReportedLoss:
    """The reports on one stream."""

    __slots__ = ("_expected", "_highest", "_lost", "_passed_total", "_since_s")

    def __init__(self) -> None:
        self._highest: int | None = None
        self._since_s = 0.0
        self._expected = 0
        self._lost = 0.0
        self._passed_total = 0

    def take(self, block: ReportBlock, now_s: float, passed_total: int) -> float | None:
        """Take a report; returns the share lost since this last said one, 0 to 1, None = too early to say.

        `passed_total` is how many packets of the stream this viewer was sent since it began, without repeats.
        """
        share = block.fraction_lost / 256
        if self._highest is None:
            self._begin(block.highest_sequence, now_s, passed_total)
            return share
        expected = (block.highest_sequence - self._highest) % _WRAP
        if expected >= _WRAP // 2:  # the viewer counts anew, or this one was overtaken
            self._begin(block.highest_sequence, now_s, passed_total)
            return None
        self._highest = block.highest_sequence
        self._expected += expected
        self._lost += share * expected
        passed_s = now_s - self._since_s
        if self._expected and passed_s >= SPOKEN_AFTER_S:
            share = self._lost / self._expected
        elif self._is_silent(passed_s, passed_total):
            share = 1.0
        else:
            return None
        self._begin(self._highest, now_s, passed_total)
        return share

    def _is_silent(self, passed_s: float, passed_total: int) -> bool:
        enough = passed_s >= SILENT_AFTER_S and passed_total - self._passed_total >= SILENT_PACKETS
        return enough and not self._expected

    def _begin(self, highest: int, now_s: float, passed_total: int) -> None:
        self._highest, self._since_s, self._passed_total = highest, now_s, passed_total
        self._expected, self._lost = 0, 0.0
