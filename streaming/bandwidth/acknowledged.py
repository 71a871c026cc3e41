"""How much arrives at a viewer, and how fast that was sent: both from its feedback."""

from collections import deque

SHORT_S = 0.2
LONG_S = 0.5
# After so long without a word a rate would say how long that was.
GAP_S = 1.0


class AcknowledgedRate:
    """Bytes by time of arrival, or of sending; one entry a feedback says as much as one a packet."""

    __slots__ = ("_entries", "_total_bytes")

    def __init__(self) -> None:
        self._entries: deque[tuple[float, int]] = deque()
        self._total_bytes = 0  # of all entries but the first, whose packets came before its time

    def add(self, newest_s: float, size_bytes: int) -> None:
        """Note what one feedback acknowledged; a time before the last entry's is counted with it."""
        entries = self._entries
        if not entries or newest_s - entries[-1][0] > GAP_S:
            entries.clear()
            self._total_bytes = 0
            entries.append((newest_s, size_bytes))
            return
        newest_s = max(newest_s, entries[-1][0])
        self._total_bytes += size_bytes
        if newest_s == entries[-1][0] and len(entries) > 1:
            # One moment, one entry: a time far ahead would hold all that follow, and they would never go.
            entries[-1] = (newest_s, entries[-1][1] + size_bytes)
            return
        entries.append((newest_s, size_bytes))
        while newest_s - entries[1][0] >= LONG_S:
            entries.popleft()
            self._total_bytes -= entries[0][1]

    def long_bits_per_s(self) -> float | None:
        """Rate over the last half second or a little more, None before a quarter of one is known."""
        entries = self._entries
        passed_s = entries[-1][0] - entries[0][0] if entries else 0.0
        return self._total_bytes * 8 / passed_s if passed_s >= LONG_S / 2 else None

    def short_bits_per_s(self) -> float | None:
        """Rate over the last 0.2 s or a little more, None before half of that is known."""
        entries = self._entries
        size_bytes = 0
        passed_s = 0.0
        for index in range(len(entries) - 1, 0, -1):
            size_bytes += entries[index][1]
            passed_s = entries[-1][0] - entries[index - 1][0]
            if passed_s >= SHORT_S:
                break
        return size_bytes * 8 / passed_s if passed_s >= SHORT_S / 2 else None
