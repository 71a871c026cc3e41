"""The rooms of this process: opened when the first viewer joins, closed a while after the last one left."""

import asyncio
import logging

from realtime import metrics as names
from realtime.room.open_room import Callbacks, OpenRoom, Surroundings

log = logging.getLogger(__name__)
LINGER_S = 5.0
"""A room stays open this long after its last viewer: most who leave are reconnecting."""


class Rooms:
    """Opens each room once, however many ask at the same time."""

    def __init__(self, around: Surroundings, callbacks: Callbacks) -> None:
        self._around = around
        self._callbacks = callbacks
        self._opening: dict[str, asyncio.Task[OpenRoom]] = {}
        self.open: dict[str, OpenRoom] = {}
        self._empty_since_s: dict[str, float] = {}

    async def get(self, show: str) -> OpenRoom:
        """Return the show's room. Raises `NoSuchShow`, `Unavailable`."""
        known = self.open.get(show)
        if known is not None:
            self._empty_since_s.pop(show, None)
            return known
        task = self._opening.get(show)
        if task is None:
            task = asyncio.create_task(self._open(show), name=f"open room {show}")
            self._opening[show] = task
            task.add_done_callback(lambda _: self._opening.pop(show, None))
        return await asyncio.shield(task)

    async def sweep(self, now_s: float) -> None:
        """Once a second: look after slow members; close rooms that stayed empty."""
        for show, room in list(self.open.items()):
            room.room.sweep()
            if room.room.members or room.holds_total:
                self._empty_since_s.pop(show, None)
            elif now_s - self._empty_since_s.setdefault(show, now_s) >= LINGER_S:
                await self._close(show)

    async def stop(self) -> None:
        """Close all rooms."""
        for task in tuple(self._opening.values()):
            task.cancel()
        for show in list(self.open):
            await self._close(show)

    async def _open(self, show: str) -> OpenRoom:
        room = OpenRoom(show, self._around, self._callbacks)
        await room.start()
        self.open[show] = room
        self._around.ports.metrics.gauge(names.ROOMS, len(self.open))
        return room

    async def _close(self, show: str) -> None:
        room = self.open.pop(show)
        self._empty_since_s.pop(show, None)
        self._around.ports.metrics.gauge(names.ROOMS, len(self.open))
        await room.stop()
