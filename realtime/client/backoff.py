"""How long to wait before the next try: exponential with full jitter, as `static/lib/backoff.js` does it.

Ten thousand clients that lost the same server must not come back in the same moment. Source: AWS Architecture
Blog, "Exponential Backoff And Jitter".
"""

from collections.abc import Callable

FIRST_S = 0.5
CAP_S = 16.0


class Backoff:
    """`random` returns 0 (incl.) to 1 (excl.)."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._tries = 0

    def next_s(self) -> float:
        """Return seconds to wait now; each call counts as a try."""
        most_s = min(CAP_S, FIRST_S * 2.0**self._tries)
        self._tries += 1
        return self._random() * most_s

    def reset(self) -> None:
        """Begin with short waits again: a hello was answered."""
        self._tries = 0
