"""The vocabulary of `/ws/shows/{show}` (subprotocol `liveshop.v1`).

JSON text frames. Every client message but `pong` has an `id` and is answered exactly once by `ok` or `error`
with `re` = that id (`hello` by `hello`). Writes carry a `key`; repeating a write with its key is harmless.
The envelope is final; later versions add messages and optional fields, so clients ignore what they do not
know.

`MESSAGES` is the typed table from which AsyncAPI, `docs/protocol.md` and the tests are written. Each file of
this folder declares the messages of one matter and their rows; a new matter is a new file, named in
`_MATTERS`.
"""

from types import ModuleType
from typing import Any, Union

from realtime.messages import (
    asking,
    buying,
    entering,
    hosting,
    moderating,
    modes,
    polling,
    reviewing,
    talking,
    telling,
    ticks,
    translating,
)
from realtime.messages.base import ANY_ERRORS, STAFF_ERRORS, SUBPROTOCOL, VERSION, Limit, Message

_MATTERS: tuple[ModuleType, ...] = (
    entering,
    talking,
    asking,
    polling,
    buying,
    hosting,
    moderating,
    modes,
    reviewing,
    translating,
    ticks,
    telling,
)
_ROWS: list[Message] = [row for matter in _MATTERS for row in matter.ROWS]
MESSAGES: tuple[Message, ...] = tuple(sorted(_ROWS, key=lambda row: row.sender))
"""Those of the client first."""
ClientMessage: Any = Union[tuple(row.struct for row in MESSAGES if row.sender == "client")]  # noqa: UP007
"""Type of everything a client may send."""
LIMITS: dict[type, Limit] = {row.struct: row.limit for row in MESSAGES if row.limit is not None}
"""Which rate a message counts against."""
ROLES: dict[type, str] = {row.struct: row.role for row in MESSAGES if row.sender == "client"}
"""The least role a message demands."""

__all__ = [
    "ANY_ERRORS",
    "LIMITS",
    "MESSAGES",
    "ROLES",
    "STAFF_ERRORS",
    "SUBPROTOCOL",
    "VERSION",
    "ClientMessage",
    "Limit",
    "Message",
]
