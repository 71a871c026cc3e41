"""The room over HTTP: moderation, for scripts and for pages without a socket.

The same actions as the websocket's; `services` is `realtime.server.Realtime`. Who is banned has no socket
and asks here to be let in again.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

from realtime.errors import (
    CannotUndo,
    IdempotencyConflict,
    NoSuchAction,
    NoSuchComment,
    NoSuchShow,
    NotAllowed,
    NotBanned,
    RateLimited,
    ReviewFull,
    Unavailable,
)
from realtime.messages.moderating import BanSeconds, Reason, TimeoutSeconds
from realtime.messages.modes import SlowSeconds
from realtime.moderation.office import By
from realtime.routing import Call, Route
from realtime.shapes import Id
from realtime.store.store_redis import Speaker
from realtime.talking.comments import fold_name

ERRORS: tuple[type[Exception], ...] = (NotAllowed, NoSuchShow, IdempotencyConflict, Unavailable)


class DeleteBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Which comment, and why (seen by staff only)."""

    comment: Id
    reason: Reason | None = None


class TimeoutBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom, for how many seconds (10 s to 24 h), and why."""

    person: Id
    seconds: TimeoutSeconds
    reason: Reason | None = None


class TimeoutAnswer(Struct, frozen=True):
    """Until when the person cannot comment."""

    muted_until_ms: int


class BanBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom, for how long (absent: for good), why, and whether their browser and address too."""

    person: Id
    reason: Reason | None = None
    seconds: BanSeconds | None = None
    device: bool = False
    address: bool = False


class UnbanBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom, and why."""

    person: Id
    reason: Reason | None = None


class SlowModeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """One comment per person in this many seconds; 0 is off."""

    seconds: SlowSeconds


class UndoBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Which action, and why."""

    action: Id
    reason: Reason | None = None


class UndoAnswer(Struct, frozen=True):
    """The undo is an action too."""

    action: str


class UnbanRequestBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What a banned person wants the moderators to read.

    Also whose device or address is banned without themselves. The request says which it is; lifting the
    person's ban lifts that one. A person and a device ask twice in ten minutes, an address five times.
    """

    message: Annotated[str, Meta(min_length=1, max_length=1000)]


def _by(call: Call, reason: str | None = None) -> By:
    """Who acts where; these routes demand an identity."""
    assert call.identity is not None
    return By(call.path["show"], call.identity.person, call.operation_key, reason)


async def delete(services: Any, call: Call) -> None:
    """Delete a comment from every screen."""
    await services.moderation.delete(_by(call, call.body.reason), call.body.comment)


async def timeout(services: Any, call: Call) -> TimeoutAnswer:
    """Stop a person's comments for a while and remove theirs."""
    body = call.body
    done = await services.moderation.timeout(_by(call, body.reason), body.person, body.seconds)
    return TimeoutAnswer(done.expires_at_ms)


async def ban(services: Any, call: Call) -> None:
    """Ban a person from the shop."""
    body = call.body
    by, also = _by(call, body.reason), {"device": body.device, "address": body.address}
    await services.moderation.ban(by, body.person, body.seconds, **also)


async def unban(services: Any, call: Call) -> None:
    """Lift a ban, a timeout, a shadow ban and a warning."""
    await services.moderation.unban(_by(call, call.body.reason), call.body.person)


async def slow_mode(services: Any, call: Call) -> None:
    """Set slow mode for the room."""
    await services.switching.slow_mode(_by(call), call.body.seconds)


async def undo(services: Any, call: Call) -> UndoAnswer:
    """Take an action of moderation back."""
    done = await services.moderation.undo(_by(call, call.body.reason), call.body.action)
    return UndoAnswer(done.action)


async def ask_unban(services: Any, call: Call) -> None:
    """Ask to be let in again; moderators see it in the control view."""
    who = call.identity
    assert who is not None
    key = services.address_key(call.client_address)
    speaker = Speaker(who.person, who.name, fold_name(who.name), False, who.device, key)
    await services.reviewing.ask_unban(_by(call), speaker, call.body.message)


_BASE = "/api/v1/shows/{show}/moderation"
ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        f"{_BASE}/delete",
        delete,
        DeleteBody,
        errors=(*ERRORS, NoSuchComment),
        role="moderator",
        status=204,
        summary="Delete a comment",
    ),
    Route(
        "POST",
        f"{_BASE}/timeout",
        timeout,
        TimeoutBody,
        TimeoutAnswer,
        ERRORS,
        role="moderator",
        summary="Stop a person's comments for a while",
    ),
    Route(
        "POST",
        f"{_BASE}/ban",
        ban,
        BanBody,
        errors=ERRORS,
        role="moderator",
        status=204,
        summary="Ban a person",
    ),
    Route(
        "POST",
        f"{_BASE}/unban",
        unban,
        UnbanBody,
        errors=ERRORS,
        role="moderator",
        status=204,
        summary="Lift a ban",
    ),
    Route(
        "POST",
        f"{_BASE}/slow-mode",
        slow_mode,
        SlowModeBody,
        errors=ERRORS,
        role="moderator",
        status=204,
        summary="Set slow mode",
    ),
    Route(
        "POST",
        f"{_BASE}/undo",
        undo,
        UndoBody,
        UndoAnswer,
        (*ERRORS, NoSuchAction, CannotUndo),
        role="moderator",
        summary="Take an action back",
    ),
    Route(
        "POST",
        "/api/v1/shows/{show}/unban-request",
        ask_unban,
        UnbanRequestBody,
        errors=(NotBanned, RateLimited, ReviewFull, IdempotencyConflict, Unavailable),
        role="person",
        status=204,
        summary="Ask to be let in again after a ban",
    ),
)
