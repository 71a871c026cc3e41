"""What commerce needs from outside, as small protocols that the composition root fills."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Clock = Callable[[], int]
"""Answers the present time, milliseconds since 1970."""

NewId = Callable[[str], str]
"""`new_id("sh")` answers a fresh id such as `sh_2k7q…`."""


class Mailer(Protocol):
    """Sends one message; raises when it could not be handed over, and is then called again later."""

    async def send(
        self, to: str, subject: str, text: str, html: str | None = None, *, unsubscribe: str | None = None
    ) -> None:
        """Hand one mail over. `unsubscribe` is the address that a mail program posts to (RFC 8058)."""


class PictureSource(Protocol):
    """Fetches pictures from addresses that strangers wrote into a file."""

    async def fetch(self, url: str) -> bytes:
        """Answer what is there; raises a CommerceError with the reason when it cannot or must not be had."""


class Blobs(Protocol):
    """Keeps bytes under a name that never changes its bytes: it is made of their hash, or of a random id."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep `content` as `name`; putting it again is harmless."""

    async def get(self, name: str) -> bytes | None:
        """Answer the bytes, or None when there are none of that name."""

    async def delete(self, name: str) -> None:
        """Forget the bytes; harmless when there are none."""


@dataclass(frozen=True, slots=True)
class RoomAction:
    """One thing done by staff, as it stands in a room's log: its place, its random tag, its fields."""

    offset: int
    tag: str
    at_ms: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RoomLogPage:
    """Actions in the log's order, and the place to which the log was read."""

    actions: tuple[RoomAction, ...]
    offset: int
    tag: str


class RoomBoards(Protocol):
    """Pins values up in rooms, for everybody there to see."""

    async def pin(self, show: str, name: str, value: Any) -> None:
        """Pin an absolute value up under a name, None takes it down; repeating it is harmless."""

    async def pinned(self, show: str, name: str) -> Any:
        """Answer what is pinned up under a name, None when nothing is."""

    async def names(self, show: str, people: Sequence[str]) -> dict[str, str]:
        """Answer the names shown in the room of those who have one."""


class RoomLogs(Protocol):
    """Reads what staff did in the rooms."""

    async def read(self, show: str, offset: int, tag: str, count: int) -> RoomLogPage:
        """Answer the actions among the `count` entries after a place; (0, "") is before the first.

        A log that has another entry there, or does not reach so far, is read from its beginning. The same
        place comes back when there is nothing new.
        """
