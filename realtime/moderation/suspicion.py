"""What makes people look suspicious, and whether too many come at once. Pure; bounded; forgets by itself.

What the signs add up to is counted in Redis for all fronts (realtime/store/lua/suspects.lua).
"""

from collections import deque

SIGNS = ("evasion", "duplicates", "join_burst", "refused", "new_account")
NEW_ACCOUNT_MS = 24 * 3600 * 1000
DUPLICATES_TOTAL = 3
"""So often the same words within the time of `echoes` are a flood."""


class JoinBurst:
    """Notices when far more people come than usual.

    Counts joins of the last `WINDOW_MS`, of all fronts; the usual number follows slowly, a window at a time.
    """

    WINDOW_MS = 10_000
    LEAST_TOTAL = 20
    TIMES = 5.0
    FOLLOWS = 0.1

    def __init__(self) -> None:
        self._joins: deque[tuple[int, int]] = deque()
        self._total = 0
        self._usual = 0.0
        self._window_ms = 0

    def join(self, now_ms: int) -> int:
        """Take a join in; returns the joins of the window when they are a burst, else 0."""
        self.elsewhere(1, now_ms)
        return self._total if self._total >= max(self.LEAST_TOTAL, self._usual * self.TIMES) else 0

    def elsewhere(self, joins: int, now_ms: int) -> None:
        """Take in what another front saw."""
        self._follow(now_ms)
        self._joins.append((now_ms, joins))
        self._total += joins
        while now_ms - self._joins[0][0] > self.WINDOW_MS:
            self._total -= self._joins.popleft()[1]

    def _follow(self, now_ms: int) -> None:
        if now_ms - self._window_ms < self.WINDOW_MS:
            return
        quiet = min(50, (now_ms - self._window_ms) // self.WINDOW_MS) if self._window_ms else 1
        for window in range(quiet):
            came = self._total if window == 0 else 0
            self._usual += self.FOLLOWS * (came - self._usual)
        self._window_ms = now_ms
