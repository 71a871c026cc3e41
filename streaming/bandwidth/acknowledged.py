"""How much arrives at a viewer, and how fast that was sent: both from its feedback."""

from collections import deque

SHORT_S = 0.2
LONG_S = 0.5
KEPT_S = 1.0


class AcknowledgedRate:
    """Bytes by time of arrival, or of sending; one entry a feedback says as much as one a packet."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: deque[tuple[float, int]] = deque()

    def add(self, newest_s: float, size_bytes: int) -> None:
        """Note what one feedback acknowledged; a time before the last entry's is counted with it."""
        entries = self._entries
        if entries:
            newest_s = max(newest_s, entries[-1][0])
        entries.append((newest_s, size_bytes))
        oldest_s = newest_s - KEPT_S
        while len(entries) > 2 and entries[1][0] < oldest_s:
            entries.popleft()

    def bits_per_s(self, window_s: float) -> float | None:
        """Rate of what came in about the last `window_s`, or None before half of that is known."""
        entries = self._entries
        if len(entries) < 2:
            return None
        newest_s = entries[-1][0]
        size_bytes = 0
        begin_s = newest_s
        for index in range(len(entries) - 1, 0, -1):
            size_bytes += entries[index][1]
            begin_s = entries[index - 1][0]
            if newest_s - begin_s >= window_s:
                break
        passed_s = newest_s - begin_s
        return size_bytes * 8 / passed_s if passed_s >= window_s / 2 else None
