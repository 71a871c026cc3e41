"""How this package declares its public doors: the same fields as its siblings' tables.

The front does not call these handlers; it checks the key or token, signs a grant and hands the request to
the media process that carries the show. The table is what OpenAPI is written from.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from streaming.errors import StreamingError


@dataclass(frozen=True, slots=True)
class Route:
    """One door. `request` and `answer` are `bytes` for SDP; `errors` carry status and code.

    `query` is (name, meaning) of each query parameter.
    """

    method: str
    path: str
    handler: Callable[[Any, Any], Awaitable[object]]
    request: type | None = None
    answer: type | None = None
    errors: tuple[type[StreamingError], ...] = ()
    role: str = "anyone"
    status: int = 200
    summary: str = ""
    max_body_bytes: int = 65536
    query: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/sdp"


async def handed_on(services: Any, call: Any) -> object:
    """Stand for a door that only a media process answers. Raises `NotImplementedError` when called."""
    raise NotImplementedError("media processes answer this door")
