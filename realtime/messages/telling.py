"""What the server tells one person: answers, and what concerns them alone."""

from typing import Literal

from msgspec import UNSET, UnsetType

from realtime.messages.base import FromServer, Message, MessageId
from realtime.shapes import Json, Milliseconds, You


class Ok(FromServer, frozen=True, tag="ok"):
    """The message `re` was done; the fields of its result stand beside."""

    re: MessageId


class ErrorFrame(FromServer, frozen=True, tag="error"):
    """The message `re` was refused and changed nothing, or (`re` null) a frame could not be read.

    `temporary`: the same message may succeed later unchanged, after `retry_after_ms` if given. The code's
    own facts stand beside.
    """

    re: MessageId | None
    code: str
    message: str
    temporary: bool = False
    retry_after_ms: int | None = None


class YouFrame(FromServer, frozen=True, tag="you"):
    """What concerns this person, at once, on all their sockets.

    `reservation` and `order` carry the object; `muted` carries `muted_until_ms` (null when lifted); `banned`
    and `signed_out` are followed by the close; `warning` carries `code` and `message`; `state` carries a
    whole `you`. `warned` carries a moderator's warning: the `action` to acknowledge and its `message`.
    `approved`, `denied` and `expired` (nobody decided in time) say what became of the held comment `comment`.
    `voted` says what they vote for
    now, from whichever of their windows on this front: the question `comment`, `on` or not, or a `poll` and
    its `choice`. `queued` says, on the asking socket alone, that the `reserve` with the id `request` stands
    in line: `position` (1 is next, null before the draw of a sale's first moments) and `estimate_ms`; its
    `ok` or `error` follows.
    """

    event: Literal[
        "reservation",
        "order",
        "muted",
        "banned",
        "unbanned",
        "signed_out",
        "warning",
        "state",
        "queued",
        "warned",
        "approved",
        "denied",
        "expired",
        "voted",
    ]
    reservation: Json | UnsetType = UNSET
    order: Json | UnsetType = UNSET
    muted_until_ms: Milliseconds | UnsetType | None = UNSET
    code: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    you: You | UnsetType = UNSET
    request: MessageId | UnsetType = UNSET
    position: int | UnsetType | None = UNSET
    estimate_ms: int | UnsetType = UNSET
    action: str | UnsetType = UNSET
    comment: str | UnsetType = UNSET
    on: bool | UnsetType = UNSET
    poll: str | UnsetType = UNSET
    choice: int | UnsetType = UNSET


ROWS: tuple[Message, ...] = (
    Message("ok", "server", Ok, example={"type": "ok", "re": 2}),
    Message(
        "error",
        "server",
        ErrorFrame,
        example={
            "type": "error",
            "re": 4,
            "code": "all_held",
            "message": "All units are held by others.",
            "temporary": True,
            "retry_after_ms": None,
        },
    ),
    Message(
        "you", "server", YouFrame, example={"type": "you", "event": "muted", "muted_until_ms": 1790000000000}
    ),
)
