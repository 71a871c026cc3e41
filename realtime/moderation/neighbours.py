"""When a device or an address is banned, the sockets of whoever else is there close too, on every front.

A ban names a person; that it holds for a device or an address too stands in its entry of the log, or in that
of an undo which bans again. Which those are is asked of Redis, where the action is kept for its undo, so that
neither stands in the record that staff read. Staff stay: a moderator may sit behind the same address as whom
they ban.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from realtime.connections.people import People
from realtime.connections.rights import may
from realtime.errors import RoomError
from realtime.log.entries import Entry, Kind
from realtime.moderation.actions_redis import ActionStore
from realtime.moderation.plan import banned_places
from realtime.room.room import Room
from realtime.sockets.close_codes import CloseCode
from realtime.store.store_redis import RoomStore
from realtime.supervise import end_all

log = logging.getLogger(__name__)
CLOSED_SLICE_TOTAL = 100
"""So many are closed without letting the loop go on: a whole school may sit behind one address."""


class Neighbours:
    """Hears the entries of all rooms of the process."""

    def __init__(self, store: RoomStore, people: People) -> None:
        self._store = store
        self._actions = ActionStore(store)
        self._people = people
        self._tasks: set[asyncio.Task[None]] = set()

    def on_entry(self, room: Room, entry: Entry) -> None:
        """Look at bans that hold for more than a person."""
        if entry.kind is not Kind.STAFF or entry.data.get("action") not in {"ban", "undo"}:
            return
        detail = entry.data.get("detail") or {}
        if detail.get("device") or detail.get("address"):
            task = asyncio.get_running_loop().create_task(self._close(room, entry.data))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End what is under way."""
        await end_all(self._tasks)

    async def _close(self, room: Room, entry: Mapping[str, Any]) -> None:
        action = str(entry.get("undo_of") or entry["action_id"])
        try:
            record = await self._actions.find(room.show, action)
            places = banned_places(record, room.shop_time_ms())
            known = await self._store.people(room.show, [(place, "", "") for place in places])
        except RoomError as error:
            log.warning("who else uses a banned device was not found: %s", error)
            return
        # An undo leaves those free whose ban is gone by now.
        banned = [place for place, one in zip(places, known, strict=True) if one.banned]
        await close_at(self._people, room, banned)


async def close_at(people: People, room: Room, places: Iterable[str]) -> None:
    """Close the room's connections from these devices and address keys, less those of staff."""
    for place in places:
        for number, connection in enumerate(people.at(place), 1):
            here = connection.room is not None and connection.room.room is room
            if here and not may(connection.session.role, "hear_staff"):
                connection.close(CloseCode.BANNED)
            if number % CLOSED_SLICE_TOTAL == 0:
                await asyncio.sleep(0)
