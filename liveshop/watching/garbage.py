"""Keeps the collector from going through thousands of connections again and again.

A connection is some 75 objects that live for hours. The collector looks at new objects now and then, at the
survivors of that more seldom, and at everything when a quarter is new: with ten thousand viewers one such
pass stops the loop for a second. Connections leave no circles behind (`PromptProtocol` and `RoomProtocol`
break theirs, and a test looks), so nothing is won by looking at them at all: whenever enough have come in,
all that lives is put out of the collector's sight (`gc.freeze`). What was garbage in circles at that moment
stays; it is looked for when nearly everybody has left.

When many have left, whole free pages go back to the system, once the leaving is over: who is aborted lets go
of the last things seconds later. What lies between things that stay is not given back, but used again for the
next who come: of the 10 MB of 1,000 viewers the system gets 2, and the next thousand take 2 instead of 10.

Measured with 5,000 viewers: passes of 400 and 920 ms before; see benchmarks/results/room.json.
"""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Callable

from liveshop.watching.allocator_native import give_back

EVERY_S = 1.0
CAME_TOTAL = 100
"""Freeze when so many more are in; so many passes over them are saved."""
LEFT_SHARE = 0.1
LEFT_TOTAL = 500
"""Give memory back when so many have left since there were most."""
LEAVING_TOTAL = 20
CALM_LOOKS = 5
"""The leaving is over when at so many looks in a row fewer than `LEAVING_TOTAL` had gone."""


class Garbage:
    """Look about once a second."""

    def __init__(self, give_back: Callable[[], object] = give_back) -> None:
        self._give_back = give_back
        self._frozen_at = 0
        self._most = 0
        self._high = 0
        self._before = 0
        self._calm_looks = 0

    def look(self, connections_total: int) -> None:
        """Freeze when many have come; thaw, collect and give back when many have left."""
        self._most = max(self._most, connections_total)
        self._high = max(self._high, connections_total)
        leaving = self._before - connections_total >= LEAVING_TOTAL
        self._calm_looks = 0 if leaving else self._calm_looks + 1
        self._before = connections_total
        if connections_total >= self._frozen_at + CAME_TOTAL:
            gc.collect(0)
            gc.freeze()
            self._frozen_at = connections_total
        elif self._calm_looks >= CALM_LOOKS:
            self._tidy(connections_total)

    def _tidy(self, connections_total: int) -> None:
        nearly_all = self._most >= CAME_TOTAL and connections_total <= self._most * LEFT_SHARE
        if nearly_all:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._frozen_at = self._most = connections_total
        if nearly_all or connections_total <= self._high - LEFT_TOTAL:
            self._give_back()
            self._high = connections_total


@contextlib.asynccontextmanager
async def garbage_watched(connections_total: Callable[[], int]) -> AsyncIterator[None]:
    """Look once a second until the block is left."""

    async def look() -> None:
        garbage = Garbage()
        while True:
            await asyncio.sleep(EVERY_S)
            garbage.look(connections_total())

    looking = asyncio.create_task(look(), name="garbage")
    try:
        yield
    finally:
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
