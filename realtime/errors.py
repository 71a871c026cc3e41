"""What the room refuses, as one small tree.

    RoomError
    |- BadMessage           bad_message          400  a field is wrong or missing; says which
    |  |- UnknownType       unknown_type         400  no such message type
    |  |- BadQuantity       bad_quantity         422  a quantity is not a whole number in range
    |  |- CommentEmpty      comment_empty        422
    |  |- CommentTooLong    comment_too_long     422  facts: limit_chars
    |  `- BadName           bad_name             422
    |- RateLimited          rate_limited         429  retry_after_ms
    |  `- SlowMode          slow_mode            429  retry_after_ms, slow_mode_s
    |- Muted                muted                403  facts: muted_until_ms
    |- Banned               banned               403
    |- NotAllowed           not_allowed          403  the role is too low, or the target's is not lower
    |- Unauthorised         unauthorised         401
    |  `- TokenExpired      token_expired        401  refresh, then repeat
    |- NoSuchShow           no_such_show         404
    |- NoSuchComment        no_such_comment      404
    |- NameTaken            name_taken           409
    |- IdempotencyConflict  idempotency_conflict 409  same key, other body
    |- TooManyOperations    too_many_operations  429  too many unanswered at once on this socket
    `- Unavailable          unavailable          503  Redis or shop do not answer; repeat with the same key

Refusals of buying come through the `Buying` port and keep commerce's own codes.
"""

# ruff: noqa: N818 - a refusal is named for what was refused; the base class says that it is an error.
from typing import Any, ClassVar


class RoomError(Exception):
    """A refusal with a stable code, an HTTP status and facts.

    `temporary` says that the same message may succeed later unchanged; `retry_after_ms` says when, None means
    unknown. `facts` are JSON values that go beside code and message.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "room_error"
    temporary: ClassVar[bool] = False

    def __init__(self, sentence: str, *, retry_after_ms: int | None = None, **facts: Any) -> None:
        super().__init__(sentence)
        self.facts: dict[str, Any] = facts
        self.retry_after_ms = retry_after_ms

    @property
    def retry_after_s(self) -> int | None:
        """`retry_after_ms` rounded up to seconds for HTTP's Retry-After, or None."""
        return None if self.retry_after_ms is None else -(-self.retry_after_ms // 1000)


class BadMessage(RoomError):
    """A field is wrong or missing."""

    code = "bad_message"


class UnknownType(BadMessage):
    """There is no message of this type."""

    code = "unknown_type"


class BadQuantity(BadMessage):
    """A quantity is not a whole number in its range."""

    status = 422
    code = "bad_quantity"


class CommentEmpty(BadMessage):
    """Nothing visible is left of the comment's text."""

    status = 422
    code = "comment_empty"


class CommentTooLong(BadMessage):
    """The comment has more characters than the hello's limit."""

    status = 422
    code = "comment_too_long"


class BadName(BadMessage):
    """The name is empty, too long or reserved for staff."""

    status = 422
    code = "bad_name"


class RateLimited(RoomError):
    """More of these messages than the limit allows."""

    status = 429
    code = "rate_limited"
    temporary = True


class SlowMode(RateLimited):
    """Slow mode: one comment per person and interval."""

    code = "slow_mode"


class Muted(RoomError):
    """The person is timed out until `muted_until_ms`."""

    status = 403
    code = "muted"


class Banned(RoomError):
    """The person is banned by this shop."""

    status = 403
    code = "banned"


class NotAllowed(RoomError):
    """The person's role does not allow this."""

    status = 403
    code = "not_allowed"


class Unauthorised(RoomError):
    """The token is missing, wrong or somebody else's."""

    status = 401
    code = "unauthorised"


class TokenExpired(Unauthorised):
    """The token has expired; send `refresh`, then repeat."""

    code = "token_expired"
    temporary = True


class NoSuchShow(RoomError):
    """There is no such show."""

    status = 404
    code = "no_such_show"


class NoSuchComment(RoomError):
    """There is no such comment in the room's log (any more)."""

    status = 404
    code = "no_such_comment"


class NameTaken(RoomError):
    """Another person of the room has this name, after Unicode folding."""

    status = 409
    code = "name_taken"


class IdempotencyConflict(RoomError):
    """The key was used before with another body."""

    status = 409
    code = "idempotency_conflict"


class TooManyOperations(RoomError):
    """Too many unanswered operations on one socket."""

    status = 429
    code = "too_many_operations"
    temporary = True


class Unavailable(RoomError):
    """Something the room stands on does not answer; nothing can be said about the effect.

    Repeat with the same idempotency key: a repeated write is harmless.
    """

    status = 503
    code = "unavailable"
    temporary = True
