"""How commerce declares its HTTP doors: a typed table that the composition root mounts.

`realtime` and `streaming` declare the same fields in files of their own; the import law allows no
shared module, and the repetition is cheaper than one.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls, as the access token says: `person` is `ac_…` or `gu_…`, `kind` "account" or "guest"."""

    person: str
    kind: str
    name: str
    device: str
    admin: bool = False


class Call(Protocol):
    """One request, already decoded and checked for its role by the web layer."""

    @property
    def identity(self) -> Identity | None:
        """The caller; None only where the route's role is "anyone" and no token came."""

    @property
    def path(self) -> Mapping[str, str]:
        """Path parameters."""

    @property
    def query(self) -> Mapping[str, str]:
        """Query parameters, the last of each name."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Request headers, names in lower case."""

    @property
    def cookies(self) -> Mapping[str, str]:
        """Cookies by name."""

    @property
    def body(self) -> Any:
        """The decoded request Struct, or bytes when the route's request is `bytes`."""

    @property
    def client_address(self) -> str:
        """The caller's address as trusted proxies tell it."""

    @property
    def now_ms(self) -> int:
        """When the request arrived, milliseconds since 1970."""

    @property
    def operation_key(self) -> str | None:
        """The Idempotency-Key header."""

    @property
    def scheme(self) -> str:
        """`http` or `https`, as the client used it."""

    @property
    def base_url(self) -> str:
        """Scheme and host as the client used them, without a path."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Returned instead of a bare Struct when status, headers, cookies or binary content matter.

    `body` may be an async iterator of bytes, which is sent piece by piece as it comes.
    """

    body: object | bytes | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One door: what it takes, answers and refuses, and who may use it.

    `request` is a msgspec Struct (unknown fields forbidden), `bytes` for a raw body, or None.
    `answer` None means 204. `errors` carry `.status` and `.code` as class attributes.
    `role` is one of anyone, person, account, stats, moderator, producer, host, owner, money, admin; the staff
    roles are judged against the path's `{shop}` or `{show}`, and "money" is any of them who may see money.
    `query` is (name, meaning) of each query parameter.
    `content_type` is that of a body that is `bytes`, going in or out.
    """

    method: str
    path: str
    handler: Callable[[Any, Any], Awaitable[object]]
    request: type | None = None
    answer: type | None = None
    errors: tuple[type[Exception], ...] = ()
    role: str = "anyone"
    status: int = 200
    summary: str = ""
    max_body_bytes: int = 65536
    query: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/octet-stream"
