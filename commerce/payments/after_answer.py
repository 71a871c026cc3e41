"""Work that starts at a request and need not be waited for.

Everything started here is also written down in SQL first and done again by a worker's job if it does
not finish; so it may be dropped at any moment.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class AfterAnswer:
    """A bounded set of background tasks. When it is full, new work is left to the worker and counted."""

    def __init__(self, limit: int = 256) -> None:
        self._limit = limit
        self._tasks: set[asyncio.Task[None]] = set()
        self.left_to_worker_total = 0

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Run `work` beside the request; a failure is logged and left to the worker."""
        if len(self._tasks) >= self._limit:
            work.close()
            self.left_to_worker_total += 1
            return
        task = asyncio.create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except Exception:  # whatever it was, the worker's job does it again
            log.exception("work after an answer failed; a worker will repeat it")

    async def idle(self) -> None:
        """Wait until nothing runs."""
        while self._tasks:
            # `gather` of tasks that are all done does not let the loop go on (Python 3.12), and so they stay.
            await asyncio.wait(self._tasks)

    async def close(self, limit_s: float = 5) -> None:
        """Let running work end, for `limit_s` at most, then cancel it."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(set(self._tasks), timeout=limit_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
