"""Readings of shows for operators: made when asked for, in slices, and kept for a second.

A reading costs about 10 µs a viewer. Media goes first: after every few viewers the loop has its turn. However
many look at a show, it is read once a second; the reading before is kept for what came between.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Protocol

from streaming.figures import Counted, Reading
from streaming.figures_structs import ShowFigures, ViewerFigures
from streaming.peers import Viewer
from streaming.show_media import ShowMedia

FRESH_S = 1.0
OLD_S = 30.0
SLICE_VIEWERS = 50
SLICE_ROWS = 250
MAX_PAGE = 500


class Shows(Protocol):
    """What a reading is taken of."""

    def show(self, name: str) -> ShowMedia | None:
        """Return a show this process carries, or None."""

    def viewers_of(self, name: str) -> Sequence[Viewer]:
        """Return a show's viewers, those whose transport is not ready yet included."""


class Readings:
    """The newest reading of every show that somebody looks at."""

    def __init__(self, shows: Shows, process: int, now_s: Callable[[], float]) -> None:
        self._shows = shows
        self._process = process
        self._now_s = now_s
        self._newest: dict[str, Reading] = {}
        self._turn = asyncio.Lock()

    async def of(self, name: str, offset: int, limit: int) -> ShowFigures | None:
        """Return a show's figures with a page of its viewers; None when this process does not carry it."""
        async with self._turn:
            show = self._shows.show(name)
            if show is None:
                self._newest.pop(name, None)
                return None
            reading = self._newest.get(name)
            if reading is None or self._now_s() - reading.now_s >= FRESH_S:
                reading = self._newest[name] = await self._read(name, show)
            return reading.page(self._process, show, offset, min(limit, MAX_PAGE))

    async def _read(self, name: str, show: ShowMedia) -> Reading:
        now_s = self._now_s()
        self._newest = {key: one for key, one in self._newest.items() if now_s - one.now_s < OLD_S}
        newest = self._newest.get(name)
        reading = Reading(now_s, None if newest is None else newest.counted, Counted(now_s))
        viewers = self._shows.viewers_of(name)
        for first in range(0, len(viewers), SLICE_VIEWERS):
            reading.read_viewers(show, viewers[first : first + SLICE_VIEWERS])
            await asyncio.sleep(0)
        order, rows = reading.in_order(), list[ViewerFigures]()
        while some := list(islice(order, SLICE_ROWS)):
            rows += some
            await asyncio.sleep(0)
        reading.finish(show, rows)
        return reading
