"""When a device or an address is banned, the sockets of whoever else is there close too, on every front.

A ban names a person; that it holds for their device or address too stands in its entry of the log. Which
those are is asked of Redis, where they were noted when the person spoke, so that neither stands in the record
that staff read. Staff stay: a moderator may sit behind the same address as whom they ban.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from realtime.connections.connection import Connection
from realtime.connections.people import People
from realtime.connections.rights import may
from realtime.errors import Unavailable
from realtime.log.entries import Entry, Kind
from realtime.room.room import Room
from realtime.sockets.close_codes import CloseCode
from realtime.store.store_redis import RoomStore
from realtime.supervise import end_all

log = logging.getLogger(__name__)


class Neighbours:
    """Hears the entries of all rooms of the process."""

    def __init__(self, store: RoomStore, people: People) -> None:
        self._store = store
        self._people = people
        self._tasks: set[asyncio.Task[None]] = set()

    def on_entry(self, room: Room, entry: Entry) -> None:
        """Look at bans that hold for more than a person."""
        detail = entry.data.get("detail") or {}
        if entry.kind is Kind.STAFF and entry.data.get("action") == "ban" and any(detail.values()):
            task = asyncio.get_running_loop().create_task(self._close(room, entry.data, detail))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End what is under way."""
        await end_all(self._tasks)

    async def _close(self, room: Room, ban: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
        try:
            known = await self._store.person(room.show, str(ban["target"]))
        except Unavailable as error:
            log.warning("who else uses a banned device was not found: %s", error)
            return
        device = known.device if detail.get("device") else None
        address_key = known.address_key if detail.get("address") else None
        for connection in tuple(self._people.connections):
            if connection.room is not None and connection.room.room is room:
                close_if_there(connection, device, address_key)


def close_if_there(connection: Connection, device: str | None, address_key: str | None) -> None:
    """Close a connection that comes from this device or address; None is nowhere."""
    who = connection.session.person
    if who is None or may(connection.session.role, "hear_staff"):
        return
    if who.device == device or (address_key and connection.address_key == address_key):
        connection.close(CloseCode.BANNED)
