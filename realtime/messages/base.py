"""What every message is made of, and what a row of the vocabulary says."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

SUBPROTOCOL = "liveshop.v1"
VERSION = 1
MessageId = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Token = Annotated[str, Meta(min_length=1, max_length=4096)]
Limit = Literal["talk", "like", "vote", "buy", "self", "moderate", "report", "translate"]
"""Names of `realtime.sockets.limits.RATES`."""
ANY_ERRORS = ("bad_message", "rate_limited", "token_expired", "unavailable")
STAFF_ERRORS = ("not_allowed", "idempotency_conflict")
EXAMPLE_KEY = "k3y-of-this-press"


class FromClient(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """A client's message."""

    id: MessageId


class FromServer(Struct, frozen=True, kw_only=True, tag_field="type"):
    """A server's frame."""


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the vocabulary.

    `answer` is the Struct of the fields beside `ok`, None when there are none; `errors` are the codes it may
    be refused with beside `ANY_ERRORS`; `role` is the least role; `limit` names the rate that a client's
    message counts against, None only for `hello` and `pong`.
    """

    name: str
    sender: Literal["client", "server"]
    struct: type[Struct]
    answer: type[Struct] | None = None
    errors: tuple[str, ...] = ()
    role: str = "viewer"
    example: dict[str, Any] | None = None
    limit: Limit | None = None
