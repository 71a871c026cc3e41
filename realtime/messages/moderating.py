"""What moderators and the host do to the room."""

from typing import Annotated

from msgspec import Meta, Struct

from realtime.messages.base import EXAMPLE_KEY, STAFF_ERRORS, FromClient, Message
from realtime.shapes import Id, Key, Milliseconds

Reason = Annotated[str, Meta(max_length=500)]
TimeoutSeconds = Annotated[int, Meta(ge=1, le=1_209_600)]
SlowSeconds = Annotated[int, Meta(ge=0, le=3600)]


class Delete(FromClient, frozen=True, tag="delete"):
    """Moderators: delete a comment."""

    comment: Id
    key: Key


class Timeout(FromClient, frozen=True, tag="timeout"):
    """Moderators: no comments from this person for a while, and their comments go."""

    person: Id
    seconds: TimeoutSeconds
    key: Key


class Ban(FromClient, frozen=True, tag="ban"):
    """Moderators: ban this person from the shop."""

    person: Id
    key: Key
    reason: Reason | None = None


class Unban(FromClient, frozen=True, tag="unban"):
    """Moderators: lift a ban, and a timeout."""

    person: Id
    key: Key


class SlowMode(FromClient, frozen=True, tag="slow_mode"):
    """Moderators: one comment per person in this many seconds; 0 is off."""

    seconds: SlowSeconds
    key: Key


class TimeoutResult(Struct, frozen=True):
    """Beside `ok` of `timeout`."""

    muted_until_ms: Milliseconds


ROWS: tuple[Message, ...] = (
    Message(
        "delete",
        "client",
        Delete,
        None,
        (*STAFF_ERRORS, "no_such_comment"),
        "moderator",
        {"id": 9, "type": "delete", "comment": "co_1", "key": EXAMPLE_KEY},
        limit="moderate",
    ),
    Message(
        "timeout",
        "client",
        Timeout,
        TimeoutResult,
        STAFF_ERRORS,
        "moderator",
        {"id": 10, "type": "timeout", "person": "gu_1", "seconds": 300, "key": EXAMPLE_KEY},
        limit="moderate",
    ),
    Message(
        "ban",
        "client",
        Ban,
        None,
        STAFF_ERRORS,
        "moderator",
        {"id": 11, "type": "ban", "person": "gu_1", "reason": "spam", "key": EXAMPLE_KEY},
        limit="moderate",
    ),
    Message(
        "unban",
        "client",
        Unban,
        None,
        STAFF_ERRORS,
        "moderator",
        {"id": 12, "type": "unban", "person": "gu_1", "key": EXAMPLE_KEY},
        limit="moderate",
    ),
    Message(
        "slow_mode",
        "client",
        SlowMode,
        None,
        STAFF_ERRORS,
        "moderator",
        {"id": 13, "type": "slow_mode", "seconds": 10, "key": EXAMPLE_KEY},
        limit="moderate",
    ),
)
