"""Keeps a task running: what ends unexpectedly is logged, counted and started again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

log = logging.getLogger(__name__)
FIRST_S, LAST_S = 0.1, 5.0
CANCEL_AGAIN_S, CANCEL_LATER_S = 0.1, 0.4


async def supervise(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` until cancelled; start it again after a growing wait when it fails or returns."""
    wait_s = FIRST_S
    while True:
        try:
            await work()
            log.error("%s ended; starting it again", name)
        except Exception:  # the supervisor's purpose: one broken loop must not end the room
            log.exception("%s failed; starting it again", name)
        await asyncio.sleep(wait_s)
        wait_s = min(LAST_S, wait_s * 2)


async def end_all(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait for them, repeating the cancel until each has ended; what they raised is logged.

    redis-py 8.1 swallows a cancel that arrives while a connection is being made (measured: at 19 of the 24
    steps of a first `ping`), so one cancel is not enough. Who is cancelled while ending others here ends them
    first: what they hold would stay open otherwise.
    """
    all_tasks = tuple(tasks)
    pending = {task for task in all_tasks if not task.done()}
    again_s, cancelled = CANCEL_AGAIN_S, False
    while pending:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=again_s)
        except asyncio.CancelledError:
            cancelled = True
        pending = {task for task in pending if not task.done()}
        again_s = min(2 * again_s, CANCEL_LATER_S)  # a busy machine needs longer to end what is ending
    for task in all_tasks:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.info("%s ended with: %s", task.get_name(), error)
    if cancelled:
        raise asyncio.CancelledError
