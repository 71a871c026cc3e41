"""Reads one room's log into this process, once for all its viewers.

Waits on the wake-up channel and looks once a second anyway. Each read begins **with** the last entry it has,
so its random tag proves that the log is still the same one: a Redis that restarted and lost nothing changes
nothing, a restored older state is noticed at the next read. Then a new epoch begins (compare and set, so one
of many sets it) and everybody gets a snapshot; an entry that was merely trimmed gives a snapshot in the same
epoch. Offsets count without holes: a hole between entries gives a snapshot too, never a part. A batch whose
answer did not come is asked for again in smaller pieces, since Redis cuts off a client whose answers pass
`client-output-buffer-limit`.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from realtime import metrics as names
from realtime.errors import Unavailable
from realtime.log.entries import BrokenEntryError
from realtime.log.wake_redis import WakeBus
from realtime.ports import Metrics
from realtime.room.room import Room
from realtime.store.keys import ShowKeys, wake_channel
from realtime.store.store_redis import RoomStore

log = logging.getLogger(__name__)
BATCH_TOTAL = 500
"""Entries of one read; halved after each failure, doubled after each success."""
RETRY_FIRST_S, RETRY_LAST_S = 0.05, 1.0


class LogReader:
    """Feeds one room. `reopen` reads the room anew and sends everybody a snapshot."""

    def __init__(
        self,
        store: RoomStore,
        room: Room,
        reopen: Callable[[], Awaitable[None]],
        metrics: Metrics,
        poll_s: float,
    ) -> None:
        self._store = store
        self._room = room
        self._reopen = reopen
        self._metrics = metrics
        self._poll_s = poll_s
        self._batch_total = BATCH_TOTAL
        self.wake = asyncio.Event()

    async def run(self, bus: WakeBus) -> None:
        """Read until cancelled."""
        end = bus.listen(wake_channel(ShowKeys.of(self._room.show).log), lambda _: self.wake.set())
        retry_s = RETRY_FIRST_S
        try:
            while True:
                try:
                    more = await self.step()
                except (Unavailable, BrokenEntryError) as error:
                    self._metrics.count(names.STORE_ERRORS)
                    self._batch_total = max(2, self._batch_total // 2)
                    log.warning("log of %s cannot be read: %s", self._room.show, error)
                    await asyncio.sleep(retry_s * random.uniform(0.5, 1.0))
                    retry_s = min(RETRY_LAST_S, retry_s * 2)
                    continue
                retry_s = RETRY_FIRST_S
                if not more:
                    await self._wait()
        finally:
            end()

    async def step(self) -> bool:
        """Read one batch; returns whether there may be more."""
        self.wake.clear()
        have = self._room.read
        asked_total = self._batch_total
        entries, epoch = await self._store.read(self._room.show, have.offset, asked_total)
        if self._room.read != have:
            return True  # reopened meanwhile
        first_is_ours = have.offset == 0 or (
            bool(entries) and entries[0].offset == have.offset and entries[0].tag == have.tag
        )
        if epoch != have.epoch or not first_is_ours:
            await self._lost()
            return True
        new = entries if have.offset == 0 else entries[1:]
        if any(entry.offset != wanted for wanted, entry in enumerate(new, have.offset + 1)):
            self._metrics.count(names.LOG_GAPS)
            await self._reopen()  # trimmed away between two reads
            return True
        self._batch_total = min(BATCH_TOTAL, asked_total * 2)
        self._room.take(new)
        return len(entries) == asked_total

    async def _lost(self) -> None:
        """Find out what became of the log, and start from it again."""
        have = self._room.read
        word, place = await self._store.check(self._room.show, have)
        if word == "same":
            return
        if word == "other" and place.epoch == have.epoch:
            await self._store.new_epoch(self._room.show, have.epoch)
        if word in {"other", "none"}:
            self._metrics.count(names.NEW_EPOCHS)
            log.warning("the log of %s is not the one that was read; everybody starts anew", self._room.show)
        await self._reopen()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._poll_s):
                await self.wake.wait()
        except TimeoutError:
            return
