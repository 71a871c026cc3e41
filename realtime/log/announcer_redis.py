"""Copies facts from one source stream into a room's log, each exactly once, whoever runs or dies.

The log remembers per source the id up to which it was copied (`stored`); `room_1_append` compares it with
the id this announcer read after and refuses when another one was faster or an older state was restored. A
failed append is tried again from the same place; nothing is skipped. Entries that hold no fact for the room
only move this announcer's own place, and every `CHECKPOINT_TOTAL` of them the stored one.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from redis.exceptions import RedisError

from commerce import events as commerce_events
from realtime import metrics as names
from realtime.errors import Unavailable
from realtime.log.announcer import BrokenFactError, LedgerReader, media_facts
from realtime.log.wake_redis import WakeBus
from realtime.ports import LedgerFollower, Metrics
from realtime.store.keys import wake_channel
from realtime.store.store_redis import RoomStore
from streaming import events as media_events

log = logging.getLogger(__name__)
BATCH_TOTAL = 200
CHECKPOINT_TOTAL = 1_000
RETRY_S = 0.2
Raw = tuple[bytes, dict[bytes, bytes]]
Reading = Callable[[Sequence[Raw]], Awaitable[list[tuple[str, bytes]]]]


class Announcer:
    """One source of one room.

    `read` maps raw entries to what goes into the log, and sees every entry, also those whose facts another
    announcer copied; it may be called again. `at_end` is called when there is nothing more to read.
    """

    def __init__(
        self,
        store: RoomStore,
        show: str,
        source: str,
        stored: str,
        read: Reading,
        metrics: Metrics,
        poll_s: float,
        at_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._show = show
        self._source = source
        self._stored = self._place = stored
        self._read = read
        self._metrics = metrics
        self._poll_s = poll_s
        self._at_end = at_end
        self._unmarked_total = 0
        self._wake = asyncio.Event()

    def restart(self, stored: str) -> None:
        """Go on from here: the log was opened anew."""
        self._stored = self._place = stored

    async def run(self, bus: WakeBus) -> None:
        """Copy until cancelled."""
        end = bus.listen(wake_channel(self._source), lambda _: self._wake.set())
        try:
            while True:
                try:
                    more = await self.step()
                except (Unavailable, RedisError, OSError) as error:
                    self._metrics.count(names.STORE_ERRORS)
                    log.warning("announcer of %s waits: %s", self._source, error)
                    await asyncio.sleep(RETRY_S)
                    continue
                if not more:
                    await self._wait()
        finally:
            end()

    async def step(self) -> bool:
        """Copy one batch; returns whether there may be more."""
        self._wake.clear()
        found: Any = await self._store.redis.xrange(self._source, f"({self._place}", "+", BATCH_TOTAL)
        if not found:
            self._at_end()
            return False
        entries = await self._read(found)
        upto = found[-1][0].decode()
        self._unmarked_total += len(found)
        due = bool(entries) or self._unmarked_total >= CHECKPOINT_TOTAL
        if due and not await self._copy(upto, entries):
            return True
        self._place = upto
        if len(found) == BATCH_TOTAL:
            return True
        self._at_end()
        return False

    async def _copy(self, upto: str, entries: Sequence[tuple[str, bytes]]) -> bool:
        done, place = await self._store.copy(self._show, self._source, self._stored, upto, entries)
        if not place:
            raise Unavailable("The log is gone; its reader will open it again.")
        self._stored = place
        self._unmarked_total = 0
        if not done:
            await self._look_over(upto, place)
            self._place = place
        else:
            self._metrics.count(names.FACTS_COPIED, len(entries))
        return done

    async def _look_over(self, seen: str, place: str) -> None:
        """Let `read` see what another announcer copied meanwhile: stock is every process's own to show."""
        while place_of(seen) < place_of(place):
            found: Any = await self._store.redis.xrange(self._source, f"({seen}", place, BATCH_TOTAL)
            if not found:
                return
            await self._read(found)
            seen = found[-1][0].decode()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._poll_s):
                await self._wake.wait()
        except TimeoutError:
            return


class LedgerSource:
    """Reads the shop's ledger: facts for the log, and stock at once for this process's screens."""

    def __init__(
        self,
        store: RoomStore,
        show: str,
        reader: LedgerReader,
        set_stock: Callable[[str, dict[str, int]], None],
        metrics: Metrics,
        follower: LedgerFollower | None = None,
    ) -> None:
        self._store = store
        self._show = show
        self._reader = reader
        self._set_stock = set_stock
        self._metrics = metrics
        self._follower = follower
        self._stock_upto = (0, 0)

    def start_stock_after(self, ledger_id: str) -> None:
        """Say which ledger entries the screen's stock holds already."""
        self._stock_upto = max(self._stock_upto, place_of(ledger_id))

    def has_stock_after(self, ledger_id: str) -> bool:
        """Whether the screen's stock is newer than this entry."""
        return self._stock_upto > place_of(ledger_id)

    def forget_stock(self) -> None:
        """Take stock from any entry again: the log was opened anew."""
        self._stock_upto = (0, 0)
        if self._follower is not None:
            self._follower.forget()

    def at_end(self) -> None:
        """Say that all there was has been read."""
        if self._follower is not None:
            self._follower.at_end()

    def close(self) -> None:
        """Read no longer."""
        if self._follower is not None:
            self._follower.close()

    async def read(self, found: Sequence[Raw]) -> list[tuple[str, bytes]]:
        """Map a batch. Names of buyers are looked up in the room in one call."""
        entries = [entry for entry in map(self._parse, found) if entry is not None]
        buyers = {person for person in map(self._reader.buyer, entries) if person is not None}
        shown = await self._store.names(self._show, sorted(buyers))
        facts: list[tuple[str, bytes]] = []
        for entry in entries:
            self._take_stock(entry)
            if self._follower is not None:
                self._follower.saw(entry)
            try:
                facts += self._reader.facts(entry, shown)
            except BrokenFactError as error:
                self._metrics.count(names.FACTS_BROKEN)
                log.warning("skipped: %s", error)
        return facts

    def _take_stock(self, entry: commerce_events.Entry) -> None:
        """Show counters once and never older ones: a batch may be read again."""
        place = place_of(entry.id)
        stock = self._reader.stock(entry)
        if stock is not None and place > self._stock_upto:
            self._set_stock(*stock)
        self._stock_upto = max(self._stock_upto, place)

    def _parse(self, raw: Raw) -> commerce_events.Entry | None:
        try:
            return commerce_events.parse(raw[0], raw[1])
        except (msgspec.MsgspecError, KeyError, ValueError) as error:
            self._metrics.count(names.FACTS_BROKEN)
            log.warning("ledger entry %r cannot be read: %s", raw[0], error)
            return None


class MediaSource:
    """Reads the show's media stream."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def read(self, found: Sequence[Raw]) -> list[tuple[str, bytes]]:
        """Map a batch."""
        facts: list[tuple[str, bytes]] = []
        for stream_id, fields in found:
            try:
                facts += media_facts(media_events.parse(fields))
            except (msgspec.MsgspecError, KeyError, ValueError) as error:
                self._metrics.count(names.FACTS_BROKEN)
                log.warning("media event %r cannot be read: %s", stream_id, error)
        return facts


def place_of(stream_id: str) -> tuple[int, int]:
    """Return a stream id as numbers that compare."""
    first, _, second = stream_id.partition("-")
    return int(first), int(second or "0")
