"""Waiting for something to become true, with a limit, where nothing can be subscribed to."""

import asyncio
from collections.abc import Callable

LIMIT_S = 6.0
LOOK_AGAIN_S = 0.01


async def until(true: Callable[[], object], *, limit_s: float = LIMIT_S) -> None:
    """Return once `true()` is; fails after the limit."""
    async with asyncio.timeout(limit_s):
        while not true():  # noqa: ASYNC110 the one place that looks again and again
            await asyncio.sleep(LOOK_AGAIN_S)
