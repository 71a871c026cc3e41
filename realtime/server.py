"""The room, assembled.

`liveshop.web` mounts what `open_realtime` yields:

    async with open_realtime(settings, redis, ports, name) as realtime:
        WebSocketRoute("/ws/shows/{show}", realtime.endpoint)     # any ASGI server; best under uvicorn with
        uvicorn.Config(app, ws=realtime.sockets.raw_frames_ws.RoomProtocol, ws_max_size=16384)
        realtime.routes.ROUTES with services=realtime             # moderation over HTTP
        await realtime.drain()                                    # before the server stops

`redis` is a `redis.asyncio.Redis` that returns bytes and has retries off (`retry=Retry(NoBackoff(), 0)`),
since it carries writes. `name` is the front's name as hellos say it.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec

from realtime.address_keys import address_key
from realtime.answering.asking import Asking
from realtime.answering.buying import Buying
from realtime.answering.entering import Entering
from realtime.answering.hosting import Hosting
from realtime.answering.moderating import Moderating
from realtime.answering.polling import Polling
from realtime.answering.reviewing import Reviews
from realtime.answering.talking import Talking
from realtime.answering.translating import Translating
from realtime.asking.ballots_redis import Ballots
from realtime.asking.questions import Questions
from realtime.connections.admission import Admission
from realtime.connections.conversation import Conversation
from realtime.connections.people import People
from realtime.connections.revocations_redis import Revocations
from realtime.errors import Unavailable
from realtime.log.entries import Entry
from realtime.log.wake_cluster_redis import wake_bus
from realtime.moderation.gatekeeper import Gatekeeper
from realtime.moderation.neighbours import Neighbours
from realtime.moderation.office import Office
from realtime.moderation.reviewing import Reviewing
from realtime.moderation.service import ModerationService
from realtime.moderation.strikes import Strikes
from realtime.moderation.switching import Switching
from realtime.ports import Ports
from realtime.room.open_room import Callbacks, Surroundings
from realtime.room.room import Room
from realtime.room.rooms import Rooms
from realtime.settings import RoomSettings
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.frames import SharedFrame
from realtime.sockets.room_ws import RoomEndpoint
from realtime.sockets.turnstile import Turnstile
from realtime.store.store_redis import RoomStore
from realtime.supervise import end_all, supervise
from realtime.talking.translating import Translations

SWEEP_S = 1.0
SWEEP_SLICE_TOTAL = 500
DRAIN_SLICE_TOTAL = 100
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def new_id(prefix: str) -> str:
    """Return prefix, "_" and 16 random base32 characters."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(16))


def now_ms() -> int:
    """Return this process's clock."""
    return time.time_ns() // 1_000_000


class Realtime:
    """Everything of the room in this process: `endpoint`, `rooms`, `people`, and what HTTP routes call."""

    def __init__(
        self, settings: RoomSettings, redis: Any, ports: Ports, name: str, clock: Callable[[], int] = now_ms
    ) -> None:
        self.settings = settings
        self._clock = clock
        store = RoomStore(redis, lambda: secrets.token_hex(8), settings.log_entries_total)
        self.store = store
        self._bus = wake_bus(redis, ports.metrics)
        process = f"{name}.{secrets.token_hex(4)}"
        around = Surroundings(settings, store, self._bus, ports, process, clock)
        self.people = People(ports.metrics)
        self.rooms = Rooms(around, Callbacks(self._on_entry, self.people.on_person, self._on_joins))
        office = Office(store, ports, self.rooms, new_id, clock)
        self.moderation = ModerationService(office)
        self.switching = Switching(office)
        self.reviewing = Reviewing(office)
        strikes = Strikes(office, self.moderation, self.switching)
        self.gatekeeper = Gatekeeper(strikes, settings.common_terms)
        ballots = Ballots(store)
        line = Turnstile(settings.hellos_at_once, settings.hellos_waiting_total, clock)
        admission = Admission(around, self.rooms, self.people, self.gatekeeper, name, line)
        self.translations = Translations(ports.translator, ports.metrics, clock)
        desks = (
            Entering(around),
            Talking(around, self.gatekeeper, new_id),
            Asking(around, ballots, Questions(office)),
            Polling(around, ballots, office),
            Buying(around),
            Hosting(around, office),
            Moderating(around, self.moderation, self.switching),
            Reviews(around, self.reviewing),
            Translating(around, self.translations),
        )
        conversation = Conversation(admission, desks)
        self.people.tell_own = conversation.tell_own
        self._endpoint = RoomEndpoint(settings, conversation, self.people, ports.metrics, clock, line)
        self.endpoint = self._endpoint.serve
        self._neighbours = Neighbours(store, self.people)
        self._revocations = Revocations(redis, self.people.revoke)
        self._tasks: list[asyncio.Task[None]] = []

    def _on_entry(self, room: Room, entry: Entry) -> None:
        self.people.on_entry(room, entry)
        self.gatekeeper.on_entry(room, entry)
        self._neighbours.on_entry(room, entry)

    def _on_joins(self, room: Room, joins: int) -> None:
        self.gatekeeper.joined_elsewhere(room, joins)

    def address_key(self, address: str) -> str:
        """Return what stands for a network address where bans are kept, "" when nothing does."""
        return address_key(self.settings.address_secret, address)

    async def start(self) -> None:
        """Load the Functions and begin the loops; waits for Redis neither now nor later."""
        with contextlib.suppress(Unavailable):
            await self.store.load()
        loops: dict[str, Callable[[], Awaitable[None]]] = {
            "wake-ups": self._bus.run,
            "sweep": self._sweep,
            "revocations": lambda: self._revocations.run(self._bus),
        }
        self._tasks = [
            asyncio.create_task(supervise(f"realtime {name}", loop), name=f"realtime {name}")
            for name, loop in loops.items()
        ]

    async def drain(self) -> None:
        """Ask everybody to reconnect elsewhere, batch after batch, then close who is still here.

        All batches together take `drain_spread_ms`: who is asked comes back within its batch's part of it, so
        that the other fronts, or the next one here, never meet more than a batch at once.
        """
        batches_total = self.settings.drain_batches_total
        part_ms = self.settings.drain_spread_ms // batches_total
        frame = SharedFrame.of(msgspec.json.encode({"type": "drain", "after_ms": part_ms}))
        everybody = tuple(self.people.connections)
        for first in range(batches_total):
            for number, connection in enumerate(everybody[first::batches_total], 1):
                if connection.closed_with is None:
                    connection.send(frame)
                if number % DRAIN_SLICE_TOTAL == 0:
                    await asyncio.sleep(0)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(part_ms / 1000):
                    await self.people.nobody.wait()
        for number, connection in enumerate(tuple(self.people.connections), 1):
            connection.close(CloseCode.DRAIN)
            if number % DRAIN_SLICE_TOTAL == 0:
                await asyncio.sleep(0)

    async def stop(self) -> None:
        """End the loops and close the rooms."""
        for connection in tuple(self.people.connections):
            connection.close(CloseCode.DRAIN)
        await end_all(self._tasks)
        await self._neighbours.stop()
        await self.translations.close()
        await self.rooms.stop()

    async def _sweep(self) -> None:
        """Once a second: what time alone demands of each connection and room."""
        while True:
            await asyncio.sleep(SWEEP_S)
            moment_ms = self._clock()
            for number, connection in enumerate(tuple(self.people.connections), 1):
                if connection.session.due_ms <= moment_ms:
                    self._endpoint.carry_out(connection, connection.session.due(moment_ms))
                if number % SWEEP_SLICE_TOTAL == 0:
                    await asyncio.sleep(0)
            await self.rooms.sweep(time.monotonic())


@contextlib.asynccontextmanager
async def open_realtime(
    settings: RoomSettings, redis: Any, ports: Ports, name: str
) -> AsyncIterator[Realtime]:
    """Run the room of this process while the context is open; `name` is the front's, such as "front-0"."""
    realtime = Realtime(settings, redis, ports, name)
    await realtime.start()
    try:
        yield realtime
    finally:
        await realtime.stop()
