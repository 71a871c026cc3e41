"""How many hellos are answered at a time in this process.

Each asks Redis and SQL several things. When thousands come back after a restart and all ask at once, every
question waits behind all others until it is too late for it, and nobody is let in; a bounded number at a time
takes each the shortest time, and who waits at the end of a long line is better told to come back.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from realtime.errors import RateLimited

RETRY_MS = 2_000


class Turnstile:
    """Lets `at_once` through together; up to `waiting_total` more stand in line, first come first served."""

    def __init__(self, at_once: int, waiting_total: int) -> None:
        self._gate = asyncio.Semaphore(at_once)
        self._waiting_total = waiting_total
        self.waiting = 0

    @contextlib.asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Wait for one's turn, and hold it. Raises `RateLimited` when the line is full."""
        if self.waiting >= self._waiting_total:
            raise RateLimited("Too many come in at once.", retry_after_ms=RETRY_MS)
        self.waiting += 1
        try:
            await self._gate.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._gate.release()
