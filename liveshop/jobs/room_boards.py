"""`commerce.ports.RoomBoards`: what a worker pins up in rooms, through the rooms' own store."""

import secrets
from collections.abc import Sequence
from typing import Any

from realtime.settings import RoomSettings
from realtime.store.store_redis import RoomStore

SERVER = "server"
"""Who pins it up: nobody in particular."""


class RoomBoardWriter:
    """Pins values up and reads names, without opening a room."""

    def __init__(self, redis: Any) -> None:
        self._store = RoomStore(redis, lambda: secrets.token_hex(16), RoomSettings().log_entries_total)

    async def pin(self, show: str, name: str, value: Any) -> None:
        """Pin an absolute value up, None takes it down; needs no key, since it may be repeated."""
        await self._store.board(show, SERVER, "", name, value)

    async def pinned(self, show: str, name: str) -> Any:
        """Return what is pinned up, None when nothing is."""
        return await self._store.pinned(show, name)

    async def names(self, show: str, people: Sequence[str]) -> dict[str, str]:
        """Return the names shown in the room of those who have one."""
        return await self._store.names(show, people)
