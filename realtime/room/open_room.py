"""One room while it is open in this process: how it is read, and the loops that keep it alive.

Opening: (1) the shop's snapshot names the shop and the ledger id read just before it; (2) the log is opened,
or created to start its sources there; (3) the snapshot is read again, now after the log's place, so that it
holds at least every fact up to it. Later facts are applied on top; each is an absolute value, so one that
the snapshot holds already changes nothing.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from realtime import metrics as names
from realtime.errors import NoSuchShow, Unavailable
from realtime.log.announcer import LedgerReader, host_state
from realtime.log.announcer_redis import Announcer, LedgerSource, MediaSource
from realtime.log.entries import Entry, Kind
from realtime.log.reader_redis import LogReader
from realtime.log.wake_redis import WakeBus
from realtime.ports import Ports
from realtime.room.room import Room
from realtime.settings import RoomSettings
from realtime.store.keys import ShowKeys, shop_ledger, shop_people, wake_channel
from realtime.store.presence_redis import OnJoins, Presence
from realtime.store.store_redis import RoomStore
from realtime.supervise import end_all, supervise
from streaming import events as media_events

log = logging.getLogger(__name__)
MEDIA_LOOKED_BACK_TOTAL = 50
EXPIRY_LOOK_S = 1.0
RETAIN_MS = 30 * 24 * 3600 * 1000
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every room of the process shares. `process` names this start of this process."""

    settings: RoomSettings
    store: RoomStore
    bus: WakeBus
    ports: Ports
    process: str
    now_ms: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Whom the room tells: `(room, ...)` of each log entry at once, and of messages to one person.

    `on_joins` hears how many came in through other processes.
    """

    on_entry: Callable[[Room, Entry], None]
    on_person: Callable[[Room, bytes], None]
    on_joins: OnJoins


class OpenRoom:
    """A room with its loops. `start` before use; `stop` when the last viewer has left."""

    def __init__(self, show: str, around: Surroundings, callbacks: Callbacks) -> None:
        self.show = show
        self._around = around
        self._callbacks = callbacks
        metrics = around.ports.metrics
        self.room = Room(show, around.settings, metrics, around.now_ms, self._on_entry)
        poll_s = around.settings.poll_ms / 1000
        self.reader = LogReader(around.store, self.room, self._reopen, metrics, poll_s)
        self.presence = Presence(
            around.store,
            self.room,
            around.process,
            around.settings,
            metrics,
            around.now_ms,
            callbacks.on_joins,
        )
        self._keys = ShowKeys.of(show)
        self._announcers: dict[str, Announcer] = {}
        self._ledger: LedgerSource | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._small_tasks: set[asyncio.Task[None]] = set()
        self._unlisten: tuple[Callable[[], None], ...] = ()
        self._refreshed_ms = 0
        self.holds_total = 0
        self.wanted = False

    async def start(self) -> None:
        """Read the room and begin its loops. Raises `NoSuchShow`, `Unavailable`."""
        sources = await self._read()
        around = self._around
        shop = self.room.scene.shop
        self._make_announcers(sources)
        self._unlisten = (
            around.bus.listen(
                shop_people(shop), lambda payload: self._callbacks.on_person(self.room, payload)
            ),
            around.bus.listen(wake_channel(self._keys.presence), lambda _: self.room.presence_changed.set()),
        )
        loops: dict[str, Callable[[], Any]] = {
            "reader": lambda: self.reader.run(around.bus),
            "presence": self.presence.run,
            "ticker": self._tick,
            "refresher": self._refresh_when_stale,
            "expirer": self._expire_held,
        }
        for source, announcer in self._announcers.items():
            loops[source] = partial(announcer.run, around.bus)
        self._tasks = [
            asyncio.create_task(supervise(f"room {self.show} {name}", loop), name=f"room {self.show} {name}")
            for name, loop in loops.items()
        ]

    async def stop(self) -> None:
        """End the loops and take this process's viewers out of the sums."""
        for unlisten in self._unlisten:
            unlisten()
        await end_all((*self._tasks, *self._small_tasks))
        if self._ledger is not None:
            self._ledger.close()
        with contextlib.suppress(Unavailable):
            await self.presence.tell(leaving=True)

    async def catch_up(self, offset: int, within_s: float = 2.0) -> None:
        """Wait until the room is at least at this offset; gives up quietly when the log is not that far."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.room.flushed.offset < offset:
                    self.reader.wake.set()
                    await self.room.progress.wait()

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Keep the room open while somebody is about to join."""
        self.holds_total += 1
        self.wanted = True
        try:
            yield
        finally:
            self.holds_total -= 1

    async def refresh(self) -> None:
        """Read the shop's snapshot again and apply what came meanwhile."""
        self.wanted = False
        before = self.room.flushed.offset
        self._take_snapshot(await self._snapshot())
        for entry in self.room.since(before):
            self.room.scene.apply_shops(entry)
        self.room.forget_snapshot()

    # -- reading

    async def _read(self) -> dict[str, str]:
        """Read the whole room; returns how far each source was copied."""
        around, show = self._around, self.show
        first = await self._snapshot()
        media_id, host = await self._media()
        sources = {shop_ledger(first["shop"]): str(first["ledger_position"]), self._keys.media: media_id}
        opened = await around.store.open(show, sources)
        entries = await around.store.newest(show, opened.position.offset, around.settings.ring_entries_total)
        snapshot = await self._snapshot()
        room = self.room
        room.begin(opened.position, entries)
        room.scene.forget()
        if self._ledger is None:
            self._ledger = self._ledger_source(snapshot)
        self._ledger.forget_stock()
        self._take_snapshot(snapshot)
        for entry in entries:
            room.scene.recall(entry)
        room.scene.host = host
        room.scene.slow_mode_s = opened.slow_mode_s
        room.scene.board = opened.board
        room.likes_total = opened.likes_total
        room.clock_offset_ms = opened.now_ms - around.now_ms()
        return opened.sources

    async def _reopen(self) -> None:
        """Start from the log as it is now, and send everybody a snapshot."""
        sources = await self._read()
        for source, announcer in self._announcers.items():
            announcer.restart(sources[source])
        await self.room.snapshot_to_all()

    async def _snapshot(self) -> Json:
        try:
            snapshot = await self._around.ports.shows.snapshot(self.show)
        except Exception as error:  # a port may fail in any way; the room then says so and serves on
            self._around.ports.metrics.count(names.PORT_ERRORS)
            log.warning("the shop's snapshot of %s cannot be read: %s", self.show, error)
            raise Unavailable("The shop does not answer.") from error
        if snapshot is None:
            raise NoSuchShow("There is no such show.")
        return snapshot

    def _take_snapshot(self, snapshot: Json) -> None:
        assert self._ledger is not None
        scene, position = self.room.scene, str(snapshot["ledger_position"])
        newer = dict(scene.stock) if self._ledger.has_stock_after(position) else {}
        scene.refresh(snapshot)
        scene.stock.update(newer)
        self._ledger.start_stock_after(position)
        self._refreshed_ms = self._around.now_ms()

    async def _media(self) -> tuple[str, str]:
        """Return the media stream's newest id, and what it says of the host."""
        found = await self._around.store.stream_tail(self._keys.media, MEDIA_LOOKED_BACK_TOTAL)
        for _, fields in found:
            with contextlib.suppress(msgspec.MsgspecError, ValueError):
                state = host_state(media_events.parse(fields))
                if state is not None:
                    return found[0][0].decode(), state
        return (found[0][0].decode() if found else "0-0"), "off"

    def _ledger_source(self, snapshot: Json) -> LedgerSource:
        reader = LedgerReader(
            self.show,
            str(snapshot.get("currency", "")),
            self.room.scene.shows_pool,
            self.room.scene.shows_product,
        )
        store, ports = self._around.store, self._around.ports
        follower = None if ports.ledgers is None else ports.ledgers.follow(str(snapshot["shop"]))
        return LedgerSource(store, self.show, reader, self.room.set_stock, ports.metrics, follower)

    def _make_announcers(self, sources: dict[str, str]) -> None:
        assert self._ledger is not None
        around = self._around
        metrics, poll_s = around.ports.metrics, around.settings.poll_ms / 1000
        media = MediaSource(metrics)
        for source, stored in sources.items():
            if source == self._keys.media:
                made = Announcer(around.store, self.show, source, stored, media.read, metrics, poll_s)
            else:
                read, at_end = self._ledger.read, self._ledger.at_end
                made = Announcer(around.store, self.show, source, stored, read, metrics, poll_s, at_end)
            self._announcers[source] = made

    # -- loops

    async def _tick(self) -> None:
        """Flush at once after a quiet time, and then at most once a tick."""
        tick_s = self._around.settings.tick_ms / 1000
        last_s = 0.0
        while True:
            await self.room.dirty.wait()
            wait_s = last_s + tick_s - time.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            last_s = time.monotonic()
            await self.room.flush()

    async def _refresh_when_stale(self) -> None:
        """Fetch what a fact named and the snapshot lacks; keep it young while people join."""
        around = self._around
        while True:
            await asyncio.sleep(around.settings.tick_ms / 1000)
            old = around.now_ms() - self._refreshed_ms >= around.settings.snapshot_age_ms
            if self.room.scene.stale or (self.wanted and old):
                with contextlib.suppress(Unavailable, NoSuchShow):
                    await self.refresh()

    async def _expire_held(self) -> None:
        """Once a second: let held comments go that nobody decided about; Redis says which, and once."""
        while True:
            await asyncio.sleep(EXPIRY_LOOK_S)
            if self.room.scene.has_expired(self.room.shop_time_ms()):
                with contextlib.suppress(Unavailable):
                    await self._around.store.expire_held(self.show)

    def _on_entry(self, entry: Entry) -> None:
        self._callbacks.on_entry(self.room, entry)
        if (
            entry.kind is Kind.FACT
            and entry.data.get("kind") == "show"
            and entry.data.get("state") == "ended"
        ):
            task = asyncio.get_running_loop().create_task(self._retain())
            self._small_tasks.add(task)
            task.add_done_callback(self._small_tasks.discard)

    async def _retain(self) -> None:
        with contextlib.suppress(Unavailable):
            await self._around.store.retain(self.show, RETAIN_MS)
