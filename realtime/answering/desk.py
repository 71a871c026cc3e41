"""What all who answer messages share: the ports, and who is asking."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from realtime.connections.connection import Connection
from realtime.connections.rights import may
from realtime.messages.moderating import StaffWrite
from realtime.moderation.office import By
from realtime.port_calls import ask
from realtime.room.open_room import Surroundings
from realtime.store.store_redis import Speaker
from realtime.talking.comments import fold_name

Json = dict[str, Any]
Rule = Callable[[Connection, Any], Awaitable[Json]]
OFFICES = frozenset(
    map(fold_name, ("host", "moderator", "admin", "support", "staff", "主播", "管理员", "客服"))
)


class Desk(ABC):
    """Answers the messages of one matter; a rule returns the fields beside `ok`, or raises a `RoomError`."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around

    @property
    @abstractmethod
    def rules(self) -> Mapping[type, Rule]:
        """The method for each type of message."""

    async def _ask(self, question: Awaitable[Json]) -> Json:
        return await ask(self._around.ports.metrics, question)


def person_of(connection: Connection) -> str:
    """Return who is at the other end, after the hello."""
    assert connection.session.person is not None
    return connection.session.person.person


def by_of(connection: Connection, message: StaffWrite) -> By:
    """Return who acts, with the message's key and reason."""
    return By(connection.show, person_of(connection), message.key, message.reason)


def shown_name_of(connection: Connection) -> str:
    """Return the name that was chosen for this room, or the person's own."""
    assert connection.session.person is not None
    return connection.name or connection.session.person.name


def speaker_of(connection: Connection, name: str | None = None) -> Speaker:
    """Return who speaks; a guest with a name reserved for the shop gets a neutral one."""
    session = connection.session
    assert session.person is not None
    staff = may(session.role, "talk_freely")
    shown = name or shown_name_of(connection)
    folded = fold_name(shown)
    if not staff and folded in reserved_names(connection):
        shown, folded = "Guest", "guest"
    device, address_key = session.person.device, connection.address_key
    return Speaker(session.person.person, shown, folded, staff, device, address_key)


def reserved_names(connection: Connection) -> frozenset[str]:
    """Return folded names only staff may bear: the shop's own and what claims an office."""
    shop = connection.room.room.scene.show.get("shop") if connection.room else None
    own = {fold_name(str(shop.get("name", "")))} if isinstance(shop, dict) else set()
    return frozenset(own | OFFICES)
