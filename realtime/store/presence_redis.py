"""Tells the sums of viewers and likes: one call a tick when something changed here, else one a second.

Viewers are people, not sockets, and not staff; whoever is on several fronts counts once
(docs/decisions/0018-a-person-on-several-fronts.md). Who changes a sum wakes the other processes. The same
call measures the shop's clock.
"""

import asyncio
import logging
from collections.abc import Callable

from realtime import metrics as names
from realtime.errors import Unavailable
from realtime.ports import Metrics
from realtime.room.room import Room
from realtime.settings import RoomSettings
from realtime.store.store_redis import RoomStore

log = logging.getLogger(__name__)
OnJoins = Callable[[Room, int], None]
CLOCK_ROUND_TRIP_MS = 100
"""Slower answers say too little about the clock."""


class Presence:
    """One room's sums. `process` names this start of this process."""

    def __init__(
        self,
        store: RoomStore,
        room: Room,
        process: str,
        settings: RoomSettings,
        metrics: Metrics,
        now_ms: Callable[[], int],
        on_joins: OnJoins,
    ) -> None:
        self._store = store
        self._room = room
        self._process = process
        self._settings = settings
        self._metrics = metrics
        self._now_ms = now_ms
        self._on_joins = on_joins

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            try:
                await self.tell()
            except Unavailable as error:
                self._metrics.count(names.STORE_ERRORS)
                log.debug("presence of %s not told: %s", self._room.show, error)
            await asyncio.sleep(self._settings.tick_ms / 1000)
            await self._wait()

    async def tell(self, *, leaving: bool = False) -> None:
        """Tell this process's numbers and who came and went, and take the sums."""
        room = self._room
        room.presence_changed.clear()
        viewers = 0 if leaving else room.viewers_here
        news = room.attendance.leaves() if leaving else room.attendance.news(viewers, room.watches)
        asked_ms = self._now_ms()
        try:
            sums = await self._store.presence(
                room.show,
                self._process,
                viewers,
                room.likes_here,
                self._settings.presence_ttl_ms,
                room.tallies_here,
                news,
            )
        except BaseException:
            room.attendance.lost(news)
            raise
        took_ms = self._now_ms() - asked_ms
        if took_ms <= CLOCK_ROUND_TRIP_MS:
            room.clock_offset_ms = sums.now_ms - (asked_ms + took_ms // 2)
        if leaving:
            return
        joined = room.attendance.joined_elsewhere(sums.joins_elsewhere)
        if joined:
            self._on_joins(room, joined)
        room.attendance.heard(news, sums.slot, sums.known_total, room.viewers)
        if room.attendance.unsaid_total:
            room.presence_changed.set()
        room.set_sums(sums.viewers_total, sums.likes_total, sums.tallies)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(1.0 - self._settings.tick_ms / 1000):
                await self._room.presence_changed.wait()
        except TimeoutError:
            return
