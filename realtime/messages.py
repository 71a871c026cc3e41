"""The vocabulary of `/ws/shows/{show}` (subprotocol `liveshop.v1`).

JSON text frames. Every client message but `pong` has an `id` and is answered exactly once by `ok` or `error`
with `re` = that id (`hello` by `hello`). Writes carry a `key`; repeating a write with its key is harmless.
The envelope is final; later versions add messages and optional fields, so clients ignore what they do not
know.

`MESSAGES` is the typed table from which AsyncAPI, `docs/protocol.md` and the tests are written.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from realtime.facts import Fact
from realtime.shapes import (
    Comment,
    Id,
    Json,
    Key,
    Limits,
    Milliseconds,
    Position,
    Quantity,
    ReserveLine,
    RoomState,
    Snapshot,
    Whep,
    You,
)

SUBPROTOCOL = "liveshop.v1"
VERSION = 1
MessageId = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Token = Annotated[str, Meta(min_length=1, max_length=4096)]
CommentText = Annotated[str, Meta(max_length=2000)]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Reason = Annotated[str, Meta(max_length=500)]
TimeoutSeconds = Annotated[int, Meta(ge=1, le=1_209_600)]
SlowSeconds = Annotated[int, Meta(ge=0, le=3600)]


class FromClient(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """A client's message."""

    id: MessageId


class Hello(FromClient, frozen=True, tag="hello"):
    """First frame, within 10 s. `position` is the last one received, None for a fresh start."""

    token: Token
    position: Position | None = None
    language: Literal["en", "zh"] = "en"
    v: int = VERSION


class Pong(Struct, frozen=True, tag_field="type", tag="pong"):
    """Answer to `ping`; is not answered. Any other frame also shows that the client lives."""


class SendComment(FromClient, frozen=True, tag="comment"):
    """Say something. The limit of characters is in the hello."""

    text: CommentText
    key: Key
    reply_to: Id | None = None


class Like(FromClient, frozen=True, tag="like"):
    """Hearts since the last such frame. Not a write: repeating it counts again."""

    count: Annotated[int, Meta(ge=1, le=20)]


class Reserve(FromClient, frozen=True, tag="reserve"):
    """Take units at the prices shown, until a deadline."""

    lines: Annotated[list[ReserveLine], Meta(min_length=1, max_length=20)]
    key: Key


class Change(FromClient, frozen=True, tag="change"):
    """Set the quantity of one hold of an open reservation; 0 drops it."""

    reservation: Id
    pool: Id
    quantity: Quantity
    key: Key


class Release(FromClient, frozen=True, tag="release"):
    """Give a reservation back."""

    reservation: Id
    key: Key


class Wait(FromClient, frozen=True, tag="wait"):
    """Take the last place in the line for units that are held or sold.

    What comes free is offered in order, as a reservation with `offered` true (`you`, event `reservation`).
    """

    variant: Id
    key: Key
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    sale: Id | None = None


class Leave(FromClient, frozen=True, tag="leave"):
    """Give up the place in the line for this pool; repeating it is harmless."""

    pool: Id


class Refresh(FromClient, frozen=True, tag="refresh"):
    """A new access token of the same person, before the old one expires."""

    token: Token


class SetName(FromClient, frozen=True, tag="name"):
    """The name shown in this room; unique after Unicode folding, staff names are reserved."""

    name: Name


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


ClientMessage = (
    Hello
    | Pong
    | SendComment
    | Like
    | Reserve
    | Change
    | Release
    | Wait
    | Leave
    | Refresh
    | SetName
    | Delete
    | Timeout
    | Ban
    | Unban
    | SlowMode
)


class FromServer(Struct, frozen=True, kw_only=True, tag_field="type"):
    """A server's frame."""


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


class Tick(FromServer, frozen=True, tag="tick"):
    """What happened: apply facts in order, then talk, then state.

    At most five come in a second, and none when nothing happened.

    `left_out` comments were not sent because they came faster than people read (moderators get all). A tick
    without `position` (a slow reader's) leaves the client's position as it is.
    """

    position: Position | None
    server_time_ms: Milliseconds
    facts: list[Fact]
    talk: list[Comment]
    left_out: int
    state: RoomState


class HelloAnswer(FromServer, frozen=True, tag="hello"):
    """Answer to `hello`: exactly one of `snapshot` and `missed` is set."""

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


class SnapshotFrame(FromServer, frozen=True, tag="snapshot"):
    """The log began anew (a restored older state): forget the room and start from this."""

    snapshot: Snapshot
    position: Position
    server_time_ms: Milliseconds


class YouFrame(FromServer, frozen=True, tag="you"):
    """What concerns this person, at once, on all their sockets.

    `reservation` and `order` carry the object; `muted` carries `muted_until_ms` (null when lifted); `banned`
    and `signed_out` are followed by the close; `warning` carries `code` and `message`; `state` carries a
    whole `you`. `queued` says, on the asking socket alone, that the `reserve` with the id `request` stands
    in line: `position` (1 is next, null before the draw of a sale's first moments) and `estimate_ms`; its
    `ok` or `error` follows.
    """

    event: Literal[
        "reservation", "order", "muted", "banned", "unbanned", "signed_out", "warning", "state", "queued"
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


class Ping(FromServer, frozen=True, tag="ping"):
    """Answer with `pong`."""


class Drain(FromServer, frozen=True, tag="drain"):
    """This process goes away: reconnect after this time (random, so that not all come at once)."""

    after_ms: int


class CommentResult(Struct, frozen=True):
    """Beside `ok` of `comment`: the comment as everybody sees it."""

    comment: Comment


class ReservationResult(Struct, frozen=True):
    """Beside `ok` of `reserve`, `change` and `release`."""

    reservation: Json


class PlaceResult(Struct, frozen=True):
    """Beside `ok` of `wait`: the place; `position` 1 is the next to be offered units."""

    place: Json


class LeftResult(Struct, frozen=True):
    """Beside `ok` of `leave`: whether there was a place."""

    left: bool


class RefreshResult(Struct, frozen=True):
    """Beside `ok` of `refresh`."""

    expires_at_ms: Milliseconds


class NameResult(Struct, frozen=True):
    """Beside `ok` of `name`."""

    name: str


class TimeoutResult(Struct, frozen=True):
    """Beside `ok` of `timeout`."""

    muted_until_ms: Milliseconds


BUYING_ERRORS = (
    "all_held",
    "sold_out",
    "limit_reached",
    "price_changed",
    "sale_not_open",
    "sale_ended",
    "banned",
    "already_held",
    "no_such_variant",
    "no_such_pool",
    "no_such_reservation",
    "not_yours",
    "bad_quantity",
    "reservation_ended",
    "idempotency_conflict",
    "too_many_operations",
    "pay_first",
    "queued",
    "busy",
)
WAITING_ERRORS = (
    "units_free",
    "waitlist_full",
    "limit_reached",
    "sale_not_open",
    "sale_ended",
    "banned",
    "already_held",
    "no_such_variant",
    "no_such_pool",
    "bad_quantity",
    "pay_first",
    "idempotency_conflict",
    "too_many_operations",
    "busy",
    "frozen",
)
ANY_ERRORS = ("bad_message", "rate_limited", "token_expired", "unavailable")
STAFF_ERRORS = ("not_allowed", "idempotency_conflict")


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the vocabulary.

    `answer` is the Struct of the fields beside `ok`, None when there are none; `errors` are the codes it may
    be refused with beside `ANY_ERRORS`; `role` is the least role.
    """

    name: str
    sender: Literal["client", "server"]
    struct: type[Struct]
    answer: type[Struct] | None = None
    errors: tuple[str, ...] = ()
    role: str = "viewer"
    example: dict[str, Any] | None = None


_KEY = "k3y-of-this-press"
MESSAGES: tuple[Message, ...] = (
    Message(
        "hello",
        "client",
        Hello,
        HelloAnswer,
        example={"id": 1, "type": "hello", "token": "...", "position": None, "language": "en"},
    ),
    Message("pong", "client", Pong, example={"type": "pong"}),
    Message(
        "comment",
        "client",
        SendComment,
        CommentResult,
        ("comment_empty", "comment_too_long", "muted", "banned", "slow_mode", "idempotency_conflict"),
        example={"id": 2, "type": "comment", "text": "Which sizes?", "key": _KEY},
    ),
    Message("like", "client", Like, example={"id": 3, "type": "like", "count": 4}),
    Message(
        "reserve",
        "client",
        Reserve,
        ReservationResult,
        BUYING_ERRORS,
        example={
            "id": 4,
            "type": "reserve",
            "lines": [{"variant": "va_1", "sale": "fs_1", "quantity": 1, "price_version": 1}],
            "key": _KEY,
        },
    ),
    Message(
        "change",
        "client",
        Change,
        ReservationResult,
        BUYING_ERRORS,
        example={
            "id": 5,
            "type": "change",
            "reservation": "rs_1",
            "pool": "po_fs_1",
            "quantity": 2,
            "key": _KEY,
        },
    ),
    Message(
        "release",
        "client",
        Release,
        ReservationResult,
        BUYING_ERRORS,
        example={"id": 6, "type": "release", "reservation": "rs_1", "key": _KEY},
    ),
    Message(
        "refresh",
        "client",
        Refresh,
        RefreshResult,
        ("unauthorised",),
        example={"id": 7, "type": "refresh", "token": "..."},
    ),
    Message(
        "name",
        "client",
        SetName,
        NameResult,
        ("bad_name", "name_taken"),
        example={"id": 8, "type": "name", "name": "Mei"},
    ),
    Message(
        "delete",
        "client",
        Delete,
        None,
        (*STAFF_ERRORS, "no_such_comment"),
        "moderator",
        {"id": 9, "type": "delete", "comment": "co_1", "key": _KEY},
    ),
    Message(
        "timeout",
        "client",
        Timeout,
        TimeoutResult,
        STAFF_ERRORS,
        "moderator",
        {"id": 10, "type": "timeout", "person": "gu_1", "seconds": 300, "key": _KEY},
    ),
    Message(
        "ban",
        "client",
        Ban,
        None,
        STAFF_ERRORS,
        "moderator",
        {"id": 11, "type": "ban", "person": "gu_1", "reason": "spam", "key": _KEY},
    ),
    Message(
        "unban",
        "client",
        Unban,
        None,
        STAFF_ERRORS,
        "moderator",
        {"id": 12, "type": "unban", "person": "gu_1", "key": _KEY},
    ),
    Message(
        "slow_mode",
        "client",
        SlowMode,
        None,
        STAFF_ERRORS,
        "moderator",
        {"id": 13, "type": "slow_mode", "seconds": 10, "key": _KEY},
    ),
    Message(
        "wait",
        "client",
        Wait,
        PlaceResult,
        WAITING_ERRORS,
        example={"id": 14, "type": "wait", "variant": "va_1", "sale": "fs_1", "quantity": 1, "key": _KEY},
    ),
    Message(
        "leave",
        "client",
        Leave,
        LeftResult,
        ("bad_request", "busy"),
        example={"id": 15, "type": "leave", "pool": "po_fs_1"},
    ),
    Message("hello", "server", HelloAnswer),
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
    Message("tick", "server", Tick),
    Message("snapshot", "server", SnapshotFrame),
    Message(
        "you", "server", YouFrame, example={"type": "you", "event": "muted", "muted_until_ms": 1790000000000}
    ),
    Message("ping", "server", Ping, example={"type": "ping"}),
    Message("drain", "server", Drain, example={"type": "drain", "after_ms": 1830}),
)
