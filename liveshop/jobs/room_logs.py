"""`commerce.ports.RoomLogs`: what staff did, read from the rooms' logs for the worker's copy."""

import secrets
from typing import Any

from commerce.ports import RoomAction, RoomLogPage
from realtime.log.entries import Entry, Kind
from realtime.settings import RoomSettings
from realtime.store.store_redis import RoomStore


class RoomLogReader:
    """Reads logs through the rooms' own store, without opening a room."""

    def __init__(self, redis: Any) -> None:
        self._store = RoomStore(redis, lambda: secrets.token_hex(16), RoomSettings().log_entries_total)

    async def read(self, show: str, offset: int, tag: str, count: int) -> RoomLogPage:
        """Answer the actions among the `count` entries after a place; from the beginning when it is gone."""
        entries, _ = await self._store.read(show, offset, count)
        if offset and not (entries and entries[0].offset == offset and entries[0].tag == tag):
            entries, _ = await self._store.read(show, 0, count)
        elif offset:
            entries = entries[1:]
        if not entries:
            return RoomLogPage((), offset, tag)
        last = entries[-1]
        return RoomLogPage(
            tuple(_action(entry) for entry in entries if is_action(entry)), last.offset, last.tag
        )


def is_action(entry: Entry) -> bool:
    """Whether an entry of the log tells what staff did."""
    return entry.kind is Kind.STAFF and entry.data.get("kind") == "moderation"


def _action(entry: Entry) -> RoomAction:
    return RoomAction(entry.offset, entry.tag, int(entry.data.get("at_ms", 0)), entry.data)
