"""The room over HTTP: moderation, for scripts and for pages without a socket.

The same actions as the websocket's; `services` is `realtime.server.Realtime`.
"""

from typing import Annotated, Any, Protocol

from msgspec import Meta, Struct

from realtime.errors import IdempotencyConflict, NoSuchComment, NoSuchShow, NotAllowed, Unavailable
from realtime.routing import Call, Route
from realtime.shapes import Id

ERRORS: tuple[type[Exception], ...] = (NotAllowed, NoSuchShow, IdempotencyConflict, Unavailable)


class DeleteBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Which comment."""

    comment: Id


class TimeoutBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom, and for how many seconds (1 s to 14 days)."""

    person: Id
    seconds: Annotated[int, Meta(ge=1, le=1_209_600)]


class TimeoutAnswer(Struct, frozen=True):
    """Until when the person cannot comment."""

    muted_until_ms: int


class BanBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom, and why (seen by staff only)."""

    person: Id
    reason: Annotated[str, Meta(max_length=500)] | None = None


class UnbanBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom."""

    person: Id


class SlowModeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """One comment per person in this many seconds; 0 is off."""

    seconds: Annotated[int, Meta(ge=0, le=3600)]


class Moderates(Protocol):
    """What the handlers need of `services.moderation`."""

    async def delete(self, show: str, actor: str, comment: str, key: str | None) -> None:
        """Delete a comment."""

    async def timeout(self, show: str, actor: str, person: str, seconds: int, key: str | None) -> int:
        """Time a person out; returns until when (ms)."""

    async def ban(self, show: str, actor: str, person: str, reason: str | None, key: str | None) -> None:
        """Ban a person."""

    async def unban(self, show: str, actor: str, person: str, key: str | None) -> None:
        """Lift a ban and a timeout."""

    async def slow_mode(self, show: str, actor: str, seconds: int, key: str | None) -> None:
        """Set slow mode."""


def _where(call: Call) -> tuple[str, str]:
    """Show and actor; the role of these routes is moderator, so there is an identity."""
    assert call.identity is not None
    return call.path["show"], call.identity.person


async def delete(services: Any, call: Call) -> None:
    """Delete a comment from every screen."""
    await services.moderation.delete(*_where(call), call.body.comment, call.operation_key)


async def timeout(services: Any, call: Call) -> TimeoutAnswer:
    """Stop a person's comments for a while and remove theirs."""
    body = call.body
    until_ms = await services.moderation.timeout(*_where(call), body.person, body.seconds, call.operation_key)
    return TimeoutAnswer(until_ms)


async def ban(services: Any, call: Call) -> None:
    """Ban a person from the shop."""
    body = call.body
    await services.moderation.ban(*_where(call), body.person, body.reason, call.operation_key)


async def unban(services: Any, call: Call) -> None:
    """Lift a ban and a timeout."""
    await services.moderation.unban(*_where(call), call.body.person, call.operation_key)


async def slow_mode(services: Any, call: Call) -> None:
    """Set slow mode for the room."""
    await services.moderation.slow_mode(*_where(call), call.body.seconds, call.operation_key)


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
)
