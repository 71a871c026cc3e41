"""Coming in, staying and going: hello, heartbeat, token, name, drain."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from realtime.log.facts import StaffNoted
from realtime.messages.base import VERSION, FromClient, FromServer, Message, MessageId, Token
from realtime.messages.ticks import Tick
from realtime.shapes import Json, Limits, Milliseconds, Position, Snapshot, Whep, You

Name = Annotated[str, Meta(min_length=1, max_length=80)]
ShareCode = Annotated[str, Meta(max_length=16, pattern="^[a-z0-9]*$")]


class Hello(FromClient, frozen=True, tag="hello"):
    """First frame, within 10 s. `position` is the last one received, None for a fresh start.

    `via` is the code of the share link that the person came by; each device is counted there once a day.
    """

    token: Token
    position: Position | None = None
    language: Literal["en", "zh"] = "en"
    v: int = VERSION
    via: ShareCode | None = None


class Pong(Struct, frozen=True, tag_field="type", tag="pong"):
    """Answer to `ping`; is not answered. Any other frame also shows that the client lives."""


class Refresh(FromClient, frozen=True, tag="refresh"):
    """A new access token of the same person, before the old one expires."""

    token: Token


class SetName(FromClient, frozen=True, tag="name"):
    """The name shown in this room; unique after Unicode folding, staff names are reserved."""

    name: Name


class HelloAnswer(FromServer, frozen=True, tag="hello"):
    """Answer to `hello`: exactly one of `snapshot` and `missed` is set.

    `staff_board` is what is pinned up for moderators and the host only, `staff_tallies` the sums for them
    alone, `staff_notes` the newest 50 they said to each other, oldest first; all are None for viewers. With
    `missed` the notes come as its facts.
    """

    re: MessageId
    v: int
    front: str
    heartbeat_ms: int
    server_time_ms: Milliseconds
    shop_time_ms: Milliseconds
    you: You
    show: Json
    snapshot: Snapshot | None
    missed: Tick | None
    position: Position
    whep: Whep
    limits: Limits
    slow_mode_s: int
    staff_board: dict[str, Json] | None = None
    staff_tallies: dict[str, int] | None = None
    staff_notes: list[StaffNoted] | None = None


class Ping(FromServer, frozen=True, tag="ping"):
    """Answer with `pong`."""


class Drain(FromServer, frozen=True, tag="drain"):
    """This process goes away: reconnect at a random moment within this time, so that not all come at once."""

    after_ms: int


class RefreshResult(Struct, frozen=True):
    """Beside `ok` of `refresh`."""

    expires_at_ms: Milliseconds


class NameResult(Struct, frozen=True):
    """Beside `ok` of `name`."""

    name: str


ROWS: tuple[Message, ...] = (
    Message(
        "hello",
        "client",
        Hello,
        HelloAnswer,
        example={"id": 1, "type": "hello", "token": "...", "position": None, "language": "en"},
    ),
    Message("pong", "client", Pong, example={"type": "pong"}),
    Message(
        "refresh",
        "client",
        Refresh,
        RefreshResult,
        ("unauthorised",),
        example={"id": 7, "type": "refresh", "token": "..."},
        limit="self",
    ),
    Message(
        "name",
        "client",
        SetName,
        NameResult,
        ("bad_name", "name_taken"),
        example={"id": 8, "type": "name", "name": "Mei"},
        limit="self",
    ),
    Message("hello", "server", HelloAnswer),
    Message("ping", "server", Ping, example={"type": "ping"}),
    Message("drain", "server", Drain, example={"type": "drain", "after_ms": 1830}),
)
