"""Ending tasks for certain."""

import asyncio
from collections.abc import Iterable

AGAIN_S = 0.5


async def ended(tasks: Iterable["asyncio.Task[None]"]) -> None:
    """Cancel tasks and wait for their end, whatever it is.

    A cancellation can get lost: `asyncio.wait_for` of Python 3.11 swallows one that arrives in the same turn
    as its result (python/cpython#86296). So those that run on are cancelled again.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _done, pending = await asyncio.wait(pending, timeout=AGAIN_S)
