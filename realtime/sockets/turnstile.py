"""How many hellos are answered at a time in this process.

Each asks Redis and SQL several things. When thousands come back after a restart and all ask at once, every
question waits behind all others until it is too late for it, and nobody is let in; a bounded number at a time
takes each the shortest time, and who waits at the end of a long line is better told to come back. When, the
line itself says: it knows how fast it moves, and whom it has told to come before.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from math import ceil

from realtime.errors import RateLimited

EACH_MS = 5.0
"""What one takes of the line's time until it is known better."""
LEARNS = 0.05
APPOINTMENT_LAST_MS = 60_000


class Turnstile:
    """Lets `at_once` through together; up to `waiting_total` more stand in line, first come first served."""

    def __init__(self, at_once: int, waiting_total: int, now_ms: Callable[[], int]) -> None:
        self._gate = asyncio.Semaphore(at_once)
        self._waiting_total = waiting_total
        self._now_ms = now_ms
        self._each_ms = EACH_MS
        self._passed_ms = 0
        self._promised_ms = 0.0
        self.waiting = 0

    def appointment_ms(self, least_each_ms: float = 0.0) -> int:
        """Promise a turn after the line of now and after all promised before; returns ms from now.

        Appointments are at least `least_each_ms` apart.
        """
        now_ms, each_ms = self._now_ms(), max(self._each_ms, least_each_ms)
        following_ms = max(self._promised_ms + each_ms, now_ms + self.waiting * each_ms)
        self._promised_ms = min(following_ms, now_ms + APPOINTMENT_LAST_MS)
        return max(1, ceil(self._promised_ms - now_ms))

    @contextlib.asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Wait for one's turn, and hold it. Raises `RateLimited` when the line is full."""
        if self.waiting >= self._waiting_total:
            raise RateLimited("Too many come in at once.", retry_after_ms=self.appointment_ms())
        self.waiting += 1
        try:
            await self._gate.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._gate.release()
            self._learn()

    def _learn(self) -> None:
        """Take how long it was since the one before, while others wait."""
        now_ms = self._now_ms()
        if self.waiting and self._passed_ms:
            self._each_ms += LEARNS * (now_ms - self._passed_ms - self._each_ms)
        self._passed_ms = now_ms
