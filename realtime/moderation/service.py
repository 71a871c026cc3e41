"""Delete, timeout, ban, unban, slow mode: the same over both doors.

Each is one Function call that writes its effect, the fact for everybody and the audit entry together; fronts
read it from the log and tell the person concerned at once. A ban belongs to the shop: it is recorded there
first.
"""

from collections.abc import Callable

from realtime.errors import NoSuchComment, NotAllowed
from realtime.port_calls import ask
from realtime.ports import BanOrder, Ports
from realtime.rights import outranks
from realtime.rooms import Rooms
from realtime.store_redis import RoomStore


class ModerationService:
    """`services.moderation` of the HTTP routes. `key` None makes a key: the call is then not repeatable."""

    def __init__(self, store: RoomStore, ports: Ports, rooms: Rooms, new_key: Callable[[], str]) -> None:
        self._store = store
        self._ports = ports
        self._rooms = rooms
        self._new_key = new_key

    async def delete(self, show: str, actor: str, comment: str, key: str | None) -> None:
        """Delete a comment everywhere. Raises `NoSuchComment`."""
        known = self._rooms.open.get(show)
        if not (known and known.room.comment_is_known(comment)) and not await self._store.has_comment(
            show, comment
        ):
            raise NoSuchComment("There is no such comment (any more).")
        await self._store.delete(show, actor, key or self._new_key(), comment)

    async def timeout(self, show: str, actor: str, person: str, seconds: int, key: str | None) -> int:
        """Stop a person's comments for a while; returns until when (ms). Raises `NotAllowed`."""
        await self._outranks(show, actor, person)
        return await self._store.timeout(show, actor, key or self._new_key(), person, seconds)

    async def ban(self, show: str, actor: str, person: str, reason: str | None, key: str | None) -> None:
        """Ban a person from the shop. Raises `NotAllowed`, and what the shop raises."""
        await self._outranks(show, actor, person)
        await ask(self._ports.metrics, self._ports.bans.ban(actor, show, BanOrder(person, reason)))
        await self._store.ban(show, actor, key or self._new_key(), person, banned=True, reason=reason or "")

    async def unban(self, show: str, actor: str, person: str, key: str | None) -> None:
        """Lift a ban and a timeout."""
        await ask(self._ports.metrics, self._ports.bans.unban(actor, person, show))
        await self._store.ban(show, actor, key or self._new_key(), person, banned=False, reason="")

    async def slow_mode(self, show: str, actor: str, seconds: int, key: str | None) -> None:
        """Set slow mode; 0 is off."""
        await self._store.slow_mode(show, actor, key or self._new_key(), seconds)

    async def _outranks(self, show: str, actor: str, person: str) -> None:
        """Refuse what staff would do to equals or betters."""
        target = await ask(self._ports.metrics, self._ports.roles.role_in_show(person, show))
        own = await ask(self._ports.metrics, self._ports.roles.role_in_show(actor, show))
        if not outranks(own, target):
            raise NotAllowed("This person's role is not below yours.")
